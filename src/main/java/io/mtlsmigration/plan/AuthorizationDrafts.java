// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.WorkloadRef;
import java.util.List;

/**
 * The drafted AuthorizationPolicies for what stays open in a namespace: mesh identities everywhere,
 * plaintext only where a plan lists it or it was observed.
 *
 * @param open workloads with a port that accepts plaintext; without one there is nothing to draft
 * @param undrafted open workloads without a draft, with the reason
 * @param missing what is not known, in words: it must not be read as "nobody calls"
 * @param notes notes on the namespace as a whole
 */
public record AuthorizationDrafts(
    String namespace,
    Outlook outlook,
    List<WorkloadRef> open,
    List<AuthorizationDraft> policies,
    List<Undrafted> undrafted,
    List<String> missing,
    List<String> notes) {

  public AuthorizationDrafts {
    open = List.copyOf(open);
    policies = List.copyOf(policies);
    undrafted = List.copyOf(undrafted);
    missing = List.copyOf(missing);
    notes = List.copyOf(notes);
  }

  /** The future of the namespace. */
  public enum Outlook {
    /** A plan locks it, except for its exceptions. */
    LOCKED,
    /** It stays open by a policy of its own, whatever the mesh-wide policy says. */
    EXEMPT,
    /** No change is planned: what is open now stays open. */
    AS_IT_IS
  }

  /** An open workload without a draft. */
  public record Undrafted(WorkloadRef workload, String reason) {}
}
