// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the DestinationRule that a client applies to a Service. Sources: {@code
 * setDestinationRules} and {@code destinationRule} (istio pilot/pkg/model/push_context.go), {@code
 * SidecarScope.DestinationRule} (pilot/pkg/model/sidecar.go).
 */
final class DestinationRules {

  /** Rules with a selector first, then the oldest: the order in which they are merged. */
  private static final Comparator<DestinationRule> MERGE_ORDER =
      Comparator.comparing((DestinationRule rule) -> rule.workloadSelector().isEmpty())
          .thenComparing(rule -> rule.meta().createdAt())
          .thenComparing(rule -> rule.meta().name());

  private static final String PRIVATE = ".";

  private final MeshSettings settings;
  private final String rootNamespace;

  /** Whether rules without an exportTo apply in their own namespace only. */
  private final boolean privateByDefault;

  private final Map<String, HostRules> local = new HashMap<>();
  private final Map<String, HostRules> exported = new HashMap<>();

  /** Private rules of the root namespace; its own clients look up only these there. */
  private final HostRules rootPrivate = new HostRules();

  private final Map<String, List<DestinationRule>> byHost = new HashMap<>();
  private final List<DestinationRule> byWildcard = new ArrayList<>();

  DestinationRules(MeshSnapshot snapshot) {
    this.settings = snapshot.settings();
    this.rootNamespace = settings.rootNamespace();
    this.privateByDefault = settings.exports().destinationRules().contains(PRIVATE);
    for (NamespaceFacts facts : snapshot.namespaces().values()) {
      if (!facts.destinationRules().isEmpty()) {
        List<DestinationRule> ordered = new ArrayList<>(facts.destinationRules());
        ordered.sort(MERGE_ORDER);
        ordered.forEach(this::add);
      }
    }
  }

  private void add(DestinationRule rule) {
    String namespace = rule.meta().namespace();
    String host = HostNames.resolve(rule.host(), namespace, settings);
    if (HostNames.isWildcard(host)) {
      byWildcard.add(rule);
    } else {
      byHost.computeIfAbsent(host, ignored -> new ArrayList<>()).add(rule);
    }
    // A rule with a selector is never visible outside its namespace, whatever its exportTo.
    Set<String> exportTo = rule.workloadSelector().isEmpty() ? rule.exportTo() : Set.of(PRIVATE);
    boolean forOwn = exportTo.contains(PRIVATE) || exportTo.contains(namespace);
    if (exportTo.isEmpty() || exportTo.contains("*") || forOwn) {
      local.computeIfAbsent(namespace, ignored -> new HostRules()).add(rule, host, exportTo);
    }
    boolean privateOnly = exportTo.isEmpty() ? privateByDefault : exportTo.size() == 1 && forOwn;
    if (!privateOnly) {
      exported.computeIfAbsent(namespace, ignored -> new HostRules()).add(rule, host, exportTo);
    } else if (namespace.equals(rootNamespace)) {
      rootPrivate.add(rule, host, exportTo);
    }
  }

  /** Returns every rule whose host covers a Service, whatever its namespace and visibility. */
  List<DestinationRule> addressing(Service service) {
    String host = settings.host(service);
    List<DestinationRule> rules = new ArrayList<>(byHost.getOrDefault(host, List.of()));
    for (DestinationRule rule : byWildcard) {
      if (HostNames.covers(rule.host(), host)) {
        rules.add(rule);
      }
    }
    return rules;
  }

  /**
   * Returns the rule in force for a client's calls to a host; null when there is none.
   *
   * @param owner the namespace of the Service or ServiceEntry with that host
   */
  @Nullable MergedRule find(Pod client, String owner, String host) {
    MergedRule forEverybody = null;
    for (MergedRule rule : candidates(client.namespace(), owner, host)) {
      if (!rule.hasSelector()) {
        forEverybody = rule;
      } else if (LabelSelector.containsAll(client.labels(), rule.workloadSelector())) {
        return rule;
      }
    }
    return forEverybody;
  }

  /**
   * Returns rules for the most specific host of the first namespace that has any: the client's, the
   * owner's, the root. A host that is found but not exported ends the search in its namespace, so a
   * less specific rule there is never a substitute.
   */
  private List<MergedRule> candidates(String clientNamespace, String owner, String host) {
    HostRules own =
        clientNamespace.equals(rootNamespace) ? rootPrivate : local.get(clientNamespace);
    List<MergedRule> found = own == null ? List.of() : own.mostSpecific(host);
    if (!found.isEmpty()) {
      return found;
    }
    found = exportedBy(owner, host, clientNamespace);
    return found.isEmpty() ? exportedBy(rootNamespace, host, clientNamespace) : found;
  }

  private List<MergedRule> exportedBy(String owner, String host, String clientNamespace) {
    HostRules rules = exported.get(owner);
    if (rules == null) {
      return List.of();
    }
    List<MergedRule> visible = new ArrayList<>();
    for (MergedRule rule : rules.mostSpecific(host)) {
      if (rule.exportedTo(clientNamespace)) {
        visible.add(rule);
      }
    }
    return visible;
  }

  /** The merged rules of one namespace by resolved host. */
  private static final class HostRules {
    private final Map<String, List<MergedRule>> exact = new HashMap<>();
    private final Map<String, List<MergedRule>> wildcard = new HashMap<>();

    List<MergedRule> mostSpecific(String host) {
      List<MergedRule> rules = exact.get(host);
      if (rules != null) {
        return rules;
      }
      String best = null;
      for (String pattern : wildcard.keySet()) {
        if (HostNames.covers(pattern, host)
            && (best == null || HostNames.moreSpecific(pattern, best))) {
          best = pattern;
        }
      }
      return best == null ? List.of() : wildcard.getOrDefault(best, List.of());
    }

    /**
     * Merges a rule into the older ones for its host, or adds it beside them when export or
     * selector differ. A rule may do both: one with a wider export adds to a narrower one.
     *
     * @param host the rule's, in full
     */
    void add(DestinationRule rule, String host, Set<String> exportTo) {
      List<MergedRule> rules =
          (HostNames.isWildcard(host) ? wildcard : exact)
              .computeIfAbsent(host, ignored -> new ArrayList<>());
      boolean beside = true;
      for (int i = 0; i < rules.size(); i++) {
        MergedRule older = rules.get(i);
        boolean sameExport = exportTo.equals(older.exportTo());
        boolean wider = !older.exportTo().isEmpty() && exportTo.containsAll(older.exportTo());
        boolean bothSelect = older.hasSelector() && !rule.workloadSelector().isEmpty();
        boolean sameSelector = older.workloadSelector().equals(rule.workloadSelector());
        beside = true;
        if ((!sameExport && !wider) || (bothSelect && !sameSelector)) {
          continue;
        }
        // Equal selectors include none on both sides.
        beside = !sameExport && !sameSelector;
        rules.set(i, older.plus(rule));
      }
      if (beside) {
        rules.add(MergedRule.of(rule, exportTo));
      }
    }
  }
}
