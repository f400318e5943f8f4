// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.List;

/**
 * Services that the API server calls on behalf of one object: a webhook configuration, an
 * APIService, or a CustomResourceDefinition with conversion by webhook. Cluster-scoped.
 */
public record ApiServerCalls(ObjectRef ref, List<Call> calls) implements OtherObject {

  public ApiServerCalls {
    calls = List.copyOf(calls);
  }

  /**
   * One call.
   *
   * @param required false for a webhook with failurePolicy Ignore: a failed call is skipped
   */
  public record Call(String namespace, String service, int port, boolean required) {}
}
