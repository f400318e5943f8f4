package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.WorkloadRef;
import java.util.List;

/**
 * The AuthorizationPolicies that are drafted for what stays open in a namespace: mesh identities
 * everywhere, plaintext only where somebody has listed it or it was seen.
 *
 * @param open workloads of which some port takes plaintext; without one there is nothing to draft
 * @param undrafted open workloads without a draft, with the reason
 * @param missing what is not known, in words: nobody may take it for "nobody calls"
 * @param notes on the namespace as a whole
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

  /** What becomes of the namespace. */
  public enum Outlook {
    /** A plan locks it, but for its exceptions. */
    LOCKED,
    /** It stays open by its own word, whatever the mesh says. */
    EXEMPT,
    /** Nobody is about to change it: what is open now stays open. */
    AS_IT_IS
  }

  /** An open workload that no draft is for. */
  public record Undrafted(WorkloadRef workload, String reason) {}
}
