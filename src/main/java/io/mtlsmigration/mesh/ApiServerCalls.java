// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.List;
import java.util.Set;

/**
 * Services that the API server calls on behalf of one object: a webhook configuration, an
 * APIService, or a CustomResourceDefinition with conversion by webhook. Cluster-scoped.
 *
 * @param injects labels ({@code key=value}) of namespaces to whose pods it adds Istio's sidecar
 */
public record ApiServerCalls(ObjectRef ref, List<Call> calls, Set<String> injects)
    implements OtherObject {

  public ApiServerCalls {
    calls = List.copyOf(calls);
    injects = Set.copyOf(injects);
  }

  /** Calls of an object that does not inject. */
  public ApiServerCalls(ObjectRef ref, List<Call> calls) {
    this(ref, calls, Set.of());
  }

  /**
   * One call.
   *
   * @param required false for a webhook with failurePolicy Ignore: a failed call is skipped
   */
  public record Call(String namespace, String service, int port, boolean required) {}
}
