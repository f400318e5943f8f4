// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.WorkLimit;

/**
 * Compares host names as Istio does. Sources: {@code ResolveShortnameToFQDN} (istio
 * pilot/pkg/model/config.go) and pkg/config/host.
 */
final class HostNames {

  private HostNames() {}

  /**
   * Returns the full name of a rule's host. Only a name without any dot is short: {@code
   * httpbin.foo} is taken literally and so matches no Service.
   */
  static String resolve(String host, String namespace, MeshSettings settings) {
    boolean literal =
        host.isEmpty() || host.equals("*") || host.contains(".") || host.contains(":");
    return literal ? host : host + "." + namespace + ".svc." + settings.clusterDomain();
  }

  static boolean isWildcard(String host) {
    return host.startsWith("*");
  }

  /** Returns true when {@code pattern}, a name or a wildcard, covers the name {@code host}. */
  static boolean covers(String pattern, String host) {
    WorkLimit.goOn();
    return isWildcard(pattern) ? host.endsWith(pattern.substring(1)) : pattern.equals(host);
  }

  /** Returns whether a wildcard is more specific: longer, or smaller at equal length. */
  static boolean moreSpecific(String wildcard, String than) {
    return wildcard.length() == than.length()
        ? wildcard.compareTo(than) < 0
        : wildcard.length() > than.length();
  }
}
