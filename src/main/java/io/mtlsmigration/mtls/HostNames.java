package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.WorkLimit;

/**
 * Host names as Istio compares them. Sources: {@code ResolveShortnameToFQDN} (istio
 * pilot/pkg/model/config.go) and pkg/config/host.
 */
final class HostNames {

  private static final String DOMAIN = ".svc.cluster.local";

  private HostNames() {}

  static String of(Service service) {
    return service.name() + "." + service.namespace() + DOMAIN;
  }

  /**
   * The full name that a rule means. Only a name without any dot is short: {@code httpbin.foo} is
   * taken literally and so matches no Service.
   */
  static String resolve(String host, String namespace) {
    boolean literal =
        host.isEmpty() || host.equals("*") || host.contains(".") || host.contains(":");
    return literal ? host : host + "." + namespace + DOMAIN;
  }

  static boolean isWildcard(String host) {
    return host.startsWith("*");
  }

  /** True when {@code pattern}, a name or a wildcard, covers the full name {@code host}. */
  static boolean covers(String pattern, String host) {
    WorkLimit.goOn();
    return isWildcard(pattern) ? host.endsWith(pattern.substring(1)) : pattern.equals(host);
  }

  /** Among two wildcards, the longer one; among equally long ones, the smaller. */
  static boolean moreSpecific(String wildcard, String than) {
    return wildcard.length() == than.length()
        ? wildcard.compareTo(than) < 0
        : wildcard.length() > than.length();
  }
}
