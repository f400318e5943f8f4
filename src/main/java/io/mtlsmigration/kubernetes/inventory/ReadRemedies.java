// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.inventory;

/** The remedies by which a person makes a kind readable. */
final class ReadRemedies {

  private ReadRemedies() {}

  static String of(WatchedKind<?> kind, InventoryOptions options, ApiRefusal refusal) {
    Resource resource = kind.resource();
    if (refusal.unknown()) {
      return "The API server does not know %s in any of the versions %s: install Istio's CRDs."
          .formatted(resource.fullName(), resource.versions());
    }
    if (refusal.code() == 401) {
      return "The API server does not accept the service's credentials ("
          + refusal.getMessage()
          + "): check its token or client certificate.";
    }
    String where =
        kind.onlyIstioNamespace()
            ? "a Role in the namespace " + options.istioNamespace()
            : "a ClusterRole";
    return ("The service may not list and watch %s (%s): grant the verbs get, list and watch on it"
            + " by %s.")
        .formatted(resource.fullName(), refusal.getMessage(), where);
  }
}
