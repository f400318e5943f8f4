// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The effect of Telemetry resources on the metrics and access logs of sidecars, as servers, and of
 * EnvoyFilters on the metrics. Source: {@code applicableTelemetries}, {@code mergeMetrics} and
 * {@code mergeLogs} in istio pilot/pkg/model/telemetry.go. Resources that only the istiods of one
 * revision heed count as in force and as not: what any istiod may make of them is told. Used by one
 * thread.
 */
public final class ServerTelemetry {

  private static final Comparator<Telemetry> OLDEST_FIRST =
      Comparator.comparing(Telemetry::createdAt).thenComparing(each -> each.ref().name());

  private final MeshSnapshot snapshot;
  private final Map<String, List<Telemetry>> byNamespace = new HashMap<>();

  /** By namespace, those that hide plaintext. */
  private final Map<String, List<EnvoyFilter>> filters = new HashMap<>();

  public ServerTelemetry(MeshSnapshot snapshot) {
    this.snapshot = snapshot;
  }

  /** Returns the namespaces in which some resource is in force: of a mesh without any, none. */
  public List<NamespaceFacts> namespaces() {
    boolean everywhere = any(snapshot.root().name());
    return snapshot.namespaces().values().stream()
        .filter(namespace -> everywhere || any(namespace.name()))
        .toList();
  }

  private boolean any(String namespace) {
    return !in(namespace).isEmpty() || !filters(namespace).isEmpty();
  }

  /**
   * Returns the resource that turns off metrics by which plaintext is counted, or changes the
   * labels that tell it, or the filter that counts; null when none does.
   */
  public @Nullable ObjectRef hidesPlaintext(Pod pod) {
    ObjectRef hiding = first(pod, ServerTelemetry::hiding);
    return hiding == null ? patching(pod) : hiding;
  }

  private static @Nullable ObjectRef hiding(List<Telemetry> inForce) {
    ObjectRef hiding = hidden(inForce, Telemetry::changes);
    return hiding == null && measuresElsewhere(inForce) != null
        ? hidden(inForce, Telemetry::others)
        : hiding;
  }

  /**
   * Returns the workloads of a namespace whose plaintext is not counted, each with the resource
   * that hides it.
   *
   * @param counted workloads of which there are samples, so that metrics that go to another
   *     provider go to a Prometheus of that name
   */
  public SortedMap<WorkloadRef, ObjectRef> hidden(
      NamespaceFacts namespace, Predicate<WorkloadRef> counted) {
    SortedMap<WorkloadRef, ObjectRef> hidden = new TreeMap<>();
    for (Pod pod : namespace.pods()) {
      ObjectRef by = hidesPlaintext(pod);
      if (by == null && !counted.test(pod.workload())) {
        by = measuresElsewhere(pod);
      }
      if (by != null) {
        hidden.put(pod.workload(), by);
      }
    }
    return hidden;
  }

  /** Returns the first EnvoyFilter that hides: one of the root namespace may select any pod. */
  private @Nullable ObjectRef patching(Pod pod) {
    return pod.dataPlane() != DataPlane.SIDECAR
        ? null
        : Stream.of(snapshot.root().name(), pod.namespace())
            .flatMap(namespace -> filters(namespace).stream())
            .filter(filter -> LabelSelector.containsAll(pod.labels(), filter.selector()))
            .map(EnvoyFilter::ref)
            .findFirst()
            .orElse(null);
  }

  private List<EnvoyFilter> filters(String namespace) {
    return filters.computeIfAbsent(
        namespace,
        name -> others(EnvoyFilter.class, name).filter(EnvoyFilter::hidesPlaintext).toList());
  }

  private <T extends OtherObject> Stream<T> others(Class<T> type, String namespace) {
    NamespaceFacts facts = snapshot.namespace(namespace);
    return facts == null ? Stream.of() : facts.others(type).stream();
  }

  private static @Nullable ObjectRef hidden(
      List<Telemetry> inForce, Function<Telemetry, List<Telemetry.Change>> changes) {
    Metrics metrics = new Metrics();
    for (Telemetry telemetry : inForce) {
      changes.apply(telemetry).forEach(change -> metrics.apply(change, telemetry.ref()));
    }
    return metrics.hidden();
  }

  /** Returns the resource by which Prometheus gets no metrics at all; null when there is none. */
  public @Nullable ObjectRef measuresElsewhere(Pod pod) {
    return first(pod, ServerTelemetry::measuresElsewhere);
  }

  private static @Nullable ObjectRef measuresElsewhere(List<Telemetry> inForce) {
    ObjectRef elsewhere = null;
    for (Telemetry telemetry : inForce) {
      if (telemetry.prometheus() != null) {
        elsewhere = telemetry.prometheus() ? null : telemetry.ref();
      }
    }
    return elsewhere;
  }

  /** Returns the resource that keeps calls out of the access log; null when none does. */
  public @Nullable ObjectRef leavesCallsOut(Pod pod) {
    return first(pod, this::leavesCallsOut);
  }

  private @Nullable ObjectRef leavesCallsOut(List<Telemetry> inForce) {
    ObjectRef by = null;
    for (Telemetry telemetry : inForce) {
      by =
          switch (telemetry.logging().calls()) {
            case INHERITED -> by;
            case WHOLE ->
                snapshot.settings().accessLogs().written(telemetry.logging().providers())
                    ? null
                    : telemetry.ref();
            case IN_PART -> telemetry.ref();
          };
    }
    return by;
  }

  /**
   * Returns whether its calls are logged, or some of them, as far as MeshConfig and Telemetries
   * say: an EnvoyFilter may have them logged as well.
   */
  public boolean logs(Pod pod) {
    return pod.dataPlane() != DataPlane.SIDECAR
        || snapshot.settings().accessLogs().byDefault()
        || inForce(pod, null).stream()
            .anyMatch(each -> each.logging().calls() != Telemetry.Logging.Calls.INHERITED);
  }

  /** Returns the first answer over what istiods of each revision make of the resources. */
  private @Nullable ObjectRef first(
      Pod pod, Function<List<Telemetry>, @Nullable ObjectRef> answer) {
    if (pod.dataPlane() != DataPlane.SIDECAR) {
      return null; // ztunnel's metrics and logs are its own
    }
    ObjectRef first = answer.apply(inForce(pod, null));
    for (String revision : revisions(pod.namespace())) {
      first = first == null ? answer.apply(inForce(pod, revision)) : first;
    }
    return first;
  }

  /** Returns the revisions that some resource in force in a namespace is only for. */
  private Set<String> revisions(String namespace) {
    return Stream.of(in(snapshot.root().name()), in(namespace))
        .flatMap(List::stream)
        .map(Telemetry::revision)
        .filter(Objects::nonNull)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * Returns the oldest Telemetry of the mesh and of the namespace, and all that select the pod, the
   * oldest first.
   *
   * @param revision of the istiod; null for one that no label names
   */
  private List<Telemetry> inForce(Pod pod, @Nullable String revision) {
    List<Telemetry> root = heeded(snapshot.root().name(), revision);
    List<Telemetry> own = heeded(pod.namespace(), revision);
    if (root.isEmpty() && own.isEmpty()) {
      return List.of();
    }
    List<Telemetry> inForce = new ArrayList<>(3);
    root.stream().filter(t -> t.selector().isEmpty()).findFirst().ifPresent(inForce::add);
    if (!snapshot.isRoot(pod.namespace())) {
      own.stream().filter(t -> t.selector().isEmpty()).findFirst().ifPresent(inForce::add);
    }
    own.stream()
        .filter(t -> !t.selector().isEmpty())
        .filter(t -> LabelSelector.containsAll(pod.labels(), t.selector()))
        .forEach(inForce::add);
    return inForce;
  }

  private List<Telemetry> heeded(String namespace, @Nullable String revision) {
    List<Telemetry> all = in(namespace);
    return all.stream().allMatch(each -> each.revision() == null)
        ? all
        : all.stream()
            .filter(each -> each.revision() == null || each.revision().equals(revision))
            .toList();
  }

  private List<Telemetry> in(String namespace) {
    return byNamespace.computeIfAbsent(
        namespace,
        name ->
            others(Telemetry.class, name)
                .filter(each -> !each.attached())
                .sorted(OLDEST_FIRST)
                .toList());
  }

  /** The metrics after some changes, with who made them. */
  private static final class Metrics {
    private @Nullable ObjectRef none;
    private final Map<String, ObjectRef> disabled = new LinkedHashMap<>();
    private final Map<String, ObjectRef> untold = new LinkedHashMap<>();

    void apply(Telemetry.Change change, ObjectRef by) {
      boolean all = change.metric().equals(Telemetry.Change.ALL);
      if (all && Boolean.TRUE.equals(change.disabled())) {
        none = by;
        return;
      }
      none = null; // any later change recreates the filter
      for (String name : all ? Telemetry.Change.COUNTED : List.of(change.metric())) {
        if (Boolean.TRUE.equals(change.disabled())) {
          disabled.put(name, by);
        } else if (change.disabled() != null) {
          disabled.remove(name);
        }
        if (change.untold()) {
          untold.put(name, by); // nothing but a value of its own takes that back
        }
      }
    }

    @Nullable ObjectRef hidden() {
      return none != null
          ? none
          : untold.values().stream()
              .findFirst()
              .or(() -> disabled.values().stream().findFirst())
              .orElse(null);
    }
  }
}
