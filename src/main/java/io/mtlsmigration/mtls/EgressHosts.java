// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.WorkLimit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The egress hosts of a Sidecar, found by their names: it may list tens of thousands, and is asked
 * about each Service for each of its clients.
 */
final class EgressHosts {

  private static final String ALL = "*";
  private static final String OWN = ".";

  /** By namespace, as written. */
  private final Map<String, Names> imported = new HashMap<>();

  private final Map<String, Names> excluded = new HashMap<>();

  private EgressHosts() {}

  /**
   * Reads hosts as {@code namespace/host}; a namespace that begins with {@code ~} excludes them.
   */
  static EgressHosts of(List<String> hosts) {
    EgressHosts egress = new EgressHosts();
    for (String entry : hosts) {
      int slash = entry.indexOf('/');
      if (slash >= 0) {
        String namespace = entry.substring(0, slash);
        boolean excludes = namespace.startsWith("~");
        if (excludes) {
          namespace = namespace.length() == 1 ? ALL : namespace.substring(1);
        }
        (excludes ? egress.excluded : egress.imported)
            .computeIfAbsent(namespace, n -> new Names())
            .add(entry.substring(slash + 1));
      }
    }
    return egress;
  }

  /** Returns whether a host of an owner's namespace is imported by a client of a namespace. */
  boolean cover(String clientNamespace, String owner, String host) {
    WorkLimit.goOn();
    return any(imported, clientNamespace, owner, host)
        && !any(excluded, clientNamespace, owner, host);
  }

  private static boolean any(
      Map<String, Names> names, String clientNamespace, String owner, String host) {
    return covers(names.get(ALL), host)
        || covers(names.get(owner), host)
        || (clientNamespace.equals(owner) && covers(names.get(OWN), host));
  }

  private static boolean covers(@Nullable Names names, String host) {
    return names != null && names.cover(host);
  }

  /** Names and wildcards, compared as by {@link HostNames#covers}. */
  private static final class Names {
    private final Set<String> exact = new HashSet<>();

    /** What follows the asterisk of each wildcard. */
    private final Set<String> suffixes = new HashSet<>();

    void add(String host) {
      if (HostNames.isWildcard(host)) {
        suffixes.add(host.substring(1));
      } else {
        exact.add(host);
      }
    }

    boolean cover(String host) {
      boolean covered = exact.contains(host);
      for (int i = host.length(); !suffixes.isEmpty() && !covered && i >= 0; i--) {
        covered = suffixes.contains(host.substring(i));
      }
      return covered;
    }
  }
}
