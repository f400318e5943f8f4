// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.inventory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The kinds that are watched, and the permission for it that is shipped. */
final class WatchedKindsTest {

  private static final Path ROLE = Path.of("k8s", "base", "rbac", "read.yaml");
  private static final List<String> READ = List.of("list", "watch");

  @Test
  void theShippedRoleAllowsToWatchEachOfThemAndNothingElse() throws IOException {
    Set<String> watched =
        WatchedKinds.ALL.stream()
            .filter(kind -> !kind.onlyIstioNamespace())
            .map(kind -> kind.resource().fullName())
            .collect(Collectors.toCollection(TreeSet::new));

    assertEquals(watched, granted());
  }

  private static Set<String> granted() throws IOException {
    Set<String> granted = new TreeSet<>();
    try (InputStream in = Files.newInputStream(ROLE)) {
      for (Object document : (List<?>) new KubernetesSerialization().unmarshal(in)) {
        if (document instanceof ClusterRole role) {
          role.getRules().stream()
              .filter(rule -> rule.getVerbs().containsAll(READ))
              .forEach(rule -> addResources(rule, granted));
        }
      }
    }
    return granted;
  }

  private static void addResources(PolicyRule rule, Set<String> into) {
    for (String group : rule.getApiGroups()) {
      for (String resource : rule.getResources()) {
        into.add(group.isEmpty() ? resource : resource + "." + group);
      }
    }
  }
}
