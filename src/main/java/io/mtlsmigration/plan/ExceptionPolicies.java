// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.Injection;
import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.PeerAuthentication.Spec;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.NamespaceModes;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import io.mtlsmigration.plan.PolicyChange.Purpose;
import io.mtlsmigration.plan.PolicyWrites.Obstacle;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The workload policies that keep a namespace's exceptions open. Only one workload policy is
 * effective for a pod, the oldest, so everything that has to stay open on a pod goes into that one;
 * a new policy beside it would be ignored.
 */
final class ExceptionPolicies {

  private static final int NAME_LENGTH = 50;

  private final Draft draft;
  private final NamespaceModes modes;
  private final List<PolicyException> exceptions;

  /** The mode that a policy with open ports must set itself; UNSET when it need not. */
  private final MtlsMode ownMode;

  ExceptionPolicies(Draft draft, NamespaceModes modes, List<PolicyException> exceptions) {
    this.draft = draft;
    this.modes = modes;
    this.exceptions = exceptions;
    this.ownMode = leaksOnAmbient() ? MtlsMode.STRICT : MtlsMode.UNSET;
  }

  /**
   * Returns whether exceptions have to be STRICT themselves for ambient workloads. istiod before
   * istio/istio#61010 makes the deny rule of an ambient workload with open ports when the
   * workload's policy changes, but not when an enclosing scope becomes STRICT afterwards: then no
   * rule is left, and all ports are open. A policy that is STRICT itself depends on no other (istio
   * pilot/pkg/serviceregistry/ambient/authorization.go). It would be a lock of its own before the
   * namespace is STRICT, so it is written afterwards.
   */
  private boolean leaksOnAmbient() {
    return modes.mode().mode() == MtlsMode.STRICT
        && (Injection.ambient(modes.facts().labels(), Map.of())
            || ScopeModes.capturedPods(modes.facts()).stream()
                .anyMatch(pod -> pod.dataPlane() == DataPlane.AMBIENT));
  }

  /**
   * Removes STRICT from exceptions where a plan has set it, as far as they are unchanged since: the
   * other ports follow the namespace.
   */
  static void loosen(Draft draft, List<LedgerEntry> ledger) {
    Map<ObjectRef, LedgerEntry> last = new LinkedHashMap<>();
    ledger.forEach(entry -> last.put(entry.ref(), entry));
    for (LedgerEntry entry : last.values()) {
      PeerAuthentication present = Snapshots.find(draft.modes().snapshot(), entry.ref());
      Spec before = entry.before();
      if (entry.purpose() == Purpose.EXCEPTION
          && present != null
          && present.spec().equals(entry.after())
          && present.spec().mode() == MtlsMode.STRICT
          && (before == null || before.mode() == MtlsMode.UNSET)) {
        Spec after = present.spec().withMode(MtlsMode.UNSET);
        draft.patch(present, after, Purpose.EXEMPT, "follows its namespace again");
      }
    }
  }

  void draft() {
    if (exceptions.isEmpty()) {
      return;
    }
    for (PolicyException exception : exceptions) {
      if (exception.selector().isEmpty()) {
        draft.obstacle(
            Obstacle.Kind.EXCEPTION_WITHOUT_SELECTOR,
            words(exception) + " has no selector: name the labels of the workload that stays open");
      }
    }
    Map<PeerAuthentication, List<Pod>> governed = new LinkedHashMap<>();
    List<Pod> free = new ArrayList<>();
    for (Pod pod : ScopeModes.capturedPods(modes.facts())) {
      Optional<PeerAuthentication> winner = modes.workloadPolicy(pod.labels());
      if (winner.isPresent()) {
        governed.computeIfAbsent(winner.get(), w -> new ArrayList<>()).add(pod);
      } else if (!OpenPorts.of(pod, exceptions).isNone()) {
        free.add(pod);
      }
    }
    governed.forEach(this::extend);
    families(free).forEach(family -> createFor(family, free));
    if (draft.isEmpty() && !draft.obstructed()) {
      withoutPods();
    }
  }

  /** Extends a policy. All its pods must stay open alike, or it would open unnamed ones. */
  private void extend(PeerAuthentication policy, List<Pod> pods) {
    Map<OpenPorts, Pod> wanted = byOpenPorts(pods);
    if (wanted.size() > 1) {
      overlapping(policy.ref() + " governs pods that exceptions leave open differently", wanted);
      return;
    }
    extend(policy, wanted.keySet().iterator().next(), "of " + pods.getFirst().workload());
  }

  private void extend(PeerAuthentication policy, OpenPorts open, String whose) {
    Spec after = extended(policy.spec(), open);
    if (!after.equals(policy.spec())) {
      draft.patch(policy, after, Purpose.EXCEPTION, "keeps " + open + " " + whose + " open");
    }
  }

  private Spec extended(Spec spec, OpenPorts open) {
    if (open.isNone()) {
      return spec;
    }
    Map<Integer, MtlsMode> ports = new HashMap<>(spec.portModes());
    if (open.all()) {
      ports.replaceAll((p, mode) -> mode == MtlsMode.UNSET ? mode : MtlsMode.PERMISSIVE);
      return new Spec(spec.selector(), MtlsMode.PERMISSIVE, ports);
    }
    open.ports().forEach(port -> ports.put(port, MtlsMode.PERMISSIVE));
    MtlsMode mode = spec.mode() == MtlsMode.UNSET ? ownMode : spec.mode();
    return new Spec(spec.selector(), mode, ports);
  }

  /** Groups exceptions that select a common pod, directly or through others. */
  private List<List<PolicyException>> families(List<Pod> pods) {
    List<List<PolicyException>> families = new ArrayList<>();
    for (Pod pod : pods) {
      Set<PolicyException> family = new LinkedHashSet<>();
      exceptions.stream().filter(e -> OpenPorts.selects(e, pod)).forEach(family::add);
      families.removeIf(
          other -> {
            boolean meets = other.stream().anyMatch(family::contains);
            if (meets) {
              family.addAll(other);
            }
            return meets;
          });
      families.add(exceptions.stream().filter(family::contains).toList());
    }
    return families;
  }

  private void createFor(List<PolicyException> family, List<Pod> free) {
    List<Pod> pods =
        free.stream()
            .filter(pod -> family.stream().anyMatch(e -> OpenPorts.selects(e, pod)))
            .toList();
    Map<OpenPorts, Pod> wanted = byOpenPorts(pods);
    if (wanted.size() > 1) {
      overlapping(words(family) + " meet on some pods only", wanted);
      return;
    }
    OpenPorts open = wanted.keySet().iterator().next();
    Collection<Map<String, String>> selectors = selectors(family, pods);
    if (!selectors.stream().allMatch(s -> open.equals(openTo(s, family)))) {
      overlapping(words(family) + " open more together than each on its own", wanted);
      return;
    }
    for (Map<String, String> selector : selectors) {
      create(selector, open, "keeps " + open + " of " + pods.getFirst().workload() + " open");
    }
  }

  /**
   * Returns one selector when all exceptions select every pod; else one for each, which is correct
   * only when they open the same ports, so that it does not matter which policy is older.
   */
  private static Collection<Map<String, String>> selectors(
      List<PolicyException> family, List<Pod> pods) {
    boolean together =
        pods.stream().allMatch(pod -> family.stream().allMatch(e -> OpenPorts.selects(e, pod)));
    if (together) {
      Map<String, String> all = new TreeMap<>();
      family.forEach(e -> all.putAll(e.selector()));
      return List.of(all);
    }
    Set<Map<String, String>> each =
        family.stream()
            .map(PolicyException::selector)
            .collect(Collectors.toCollection(LinkedHashSet::new));
    return each.stream()
        .filter(s -> each.stream().noneMatch(wider -> !wider.equals(s) && covers(wider, s)))
        .toList();
  }

  private static boolean covers(Map<String, String> wider, Map<String, String> selector) {
    return LabelSelector.containsAll(selector, wider);
  }

  /** Returns what the exceptions leave open on a pod with exactly these labels. */
  private static OpenPorts openTo(Map<String, String> labels, List<PolicyException> family) {
    return OpenPorts.of(family.stream().filter(e -> covers(e.selector(), labels)).toList());
  }

  /**
   * Keeps workloads without a pod open too, if that opens nothing else: when an older policy would
   * govern their pods, it is left alone until there are any.
   */
  private void withoutPods() {
    Map<Map<String, String>, List<PolicyException>> bySelector = new LinkedHashMap<>();
    for (PolicyException exception : exceptions) {
      if (!exception.selector().isEmpty() && !meetsPods(exception)) {
        bySelector.computeIfAbsent(exception.selector(), s -> new ArrayList<>()).add(exception);
      }
    }
    bySelector.forEach(
        (selector, own) -> {
          OpenPorts open = OpenPorts.of(own);
          Optional<PeerAuthentication> winner = modes.workloadPolicy(selector);
          if (winner.isEmpty()) {
            create(selector, open, "keeps " + open + " of pods yet to come open");
          } else if (winner.get().spec().selector().equals(selector)) {
            extend(winner.get(), open, "of pods yet to come");
          }
        });
  }

  private boolean meetsPods(PolicyException exception) {
    return ScopeModes.capturedPods(modes.facts()).stream()
        .anyMatch(pod -> OpenPorts.selects(exception, pod));
  }

  /**
   * Creates a policy. It sets no mode of its own unless all is open, or ztunnel needs one: the
   * other ports follow the namespace, now and later.
   */
  private void create(Map<String, String> selector, OpenPorts open, String why) {
    Spec spec = extended(new Spec(selector, MtlsMode.UNSET, Map.of()), open);
    draft.create(draft.freeName(modes.namespace(), name(selector)), spec, Purpose.EXCEPTION, why);
  }

  private static String name(Map<String, String> selector) {
    String values =
        new TreeMap<>(selector)
            .values().stream()
                .map(v -> v.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-"))
                .collect(Collectors.joining("-"));
    String cut = values.substring(0, Math.min(values.length(), NAME_LENGTH));
    return ("plaintext-" + cut).replaceAll("-+$", "");
  }

  private Map<OpenPorts, Pod> byOpenPorts(List<Pod> pods) {
    Map<OpenPorts, Pod> wanted = new LinkedHashMap<>();
    pods.forEach(pod -> wanted.putIfAbsent(OpenPorts.of(pod, exceptions), pod));
    return wanted;
  }

  private void overlapping(String what, Map<OpenPorts, Pod> wanted) {
    String each =
        wanted.entrySet().stream()
            .map(e -> (e.getKey().isNone() ? "nothing" : e.getKey()) + " on " + e.getValue().ref())
            .sorted(Comparator.naturalOrder())
            .collect(Collectors.joining(", "));
    draft.obstacle(
        Obstacle.Kind.OVERLAPPING_EXCEPTIONS,
        what
            + " ("
            + each
            + "), but one workload policy counts for a pod: give the exceptions selectors that"
            + " select the same pods, or none in common");
  }

  private static String words(List<PolicyException> family) {
    return family.stream().map(ExceptionPolicies::words).collect(Collectors.joining(" and "));
  }

  private static String words(PolicyException exception) {
    return "the exception of "
        + exception.owner()
        + " for "
        + new TreeMap<>(exception.selector())
        + (exception.port() == null ? "" : " port " + exception.port());
  }
}
