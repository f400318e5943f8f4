// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.Injection;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectMeta;
import io.mtlsmigration.mesh.ObjectMeta.FieldOwner;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.OtherObject;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Unreadable;
import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Collects the facts of a set's objects, given in any order; retains no object. */
public final class FactsCollector {

  /** Stands for every namespace that a set does not define. */
  public static final String EACH = "*";

  private final Templates templates;
  private final Instant observedAt;

  private final Map<String, NamespaceCollector> namespaces = new TreeMap<>();

  /**
   * By namespace, and by name, so that the default revision's {@code istio} comes before {@code
   * istio-canary}.
   */
  private final SortedMap<String, SortedMap<String, MeshSettings>> meshConfigs = new TreeMap<>();

  private final Map<ObjectRef, OtherObject> clusterObjects = new LinkedHashMap<>();

  /**
   * Cluster-scoped unreadable objects: it is unknown whom they concern, so they count as the root
   * namespace's.
   */
  private final List<Unreadable> clusterUnreadable = new ArrayList<>();

  private final Map<ObjectRef, ObjectRef> owners = new HashMap<>();
  private final Map<WorkloadRef, WorkloadTemplate> workloads = new LinkedHashMap<>();
  private final Map<ObjectRef, WrittenPod> writtenPods = new LinkedHashMap<>();
  private final Map<ObjectRef, Seen> seen = new HashMap<>();
  private final List<ManifestProblem> problems = new ArrayList<>();
  private final SortedMap<String, Integer> ignoredKinds = new TreeMap<>();

  /** Where an object was given, and what it was like. */
  private record Seen(int hash, String source, int line) {}

  /** A Pod that no cluster has: what Istio's webhook makes of it depends on its namespace. */
  private record WrittenPod(ManifestFields object, Instant createdAt) {}

  FactsCollector(Templates templates, Instant observedAt) {
    this.templates = templates;
    this.observedAt = observedAt;
  }

  /** Reads one object. */
  public void add(Manifest manifest) {
    ObjectRef ref = manifest.ref();
    if (!Kinds.known(manifest.apiVersion(), ref.kind())) {
      ignore(manifest.group(), ref.kind());
      return;
    }
    noteRepetition(manifest);
    FieldErrors faults = new FieldErrors();
    ManifestFields object = ManifestFields.of(manifest.tree(), faults);
    Runnable keep = read(manifest, object);
    if (faults.isEmpty()) {
      keep.run();
    } else {
      unreadable(manifest, faults);
    }
  }

  /** Counts an object; a kind that is read in another group is told apart by its own. */
  private void ignore(String group, String kind) {
    String name = Kinds.named(kind) && !group.isEmpty() ? kind + "." + group : kind;
    ignoredKinds.merge(name, 1, Integer::sum);
  }

  /** Adds a problem of a source of which a part could not be read. */
  public void add(ManifestProblem problem) {
    problems.add(problem);
  }

  /** Returns the facts of the objects so far. */
  public Facts facts() {
    return facts(Set.of());
  }

  /**
   * The same.
   *
   * @param injected namespaces that are taken for labelled {@code istio-injection=enabled} where
   *     the set does not define them; or {@link #EACH}, without those in which Istio never injects
   */
  public Facts facts(Set<String> injected) {
    for (NamespaceCollector namespace : namespaces.values()) {
      if (!namespace.defined()
          && ((injected.contains(EACH) && !Injection.ignores(namespace.name()))
              || injected.contains(namespace.name()))) {
        namespace.own(NamespaceReader.injected(namespace.name()));
      }
    }
    MeshSettings settings = settings();
    if (!clusterUnreadable.isEmpty()) {
      String root = settings.rootNamespace();
      namespaceOf(root).unreadable.addAll(clusterUnreadable);
      clusterUnreadable.clear();
    }
    WorkloadOwners known = WorkloadOwners.of(owners);
    List<NamespaceFacts> facts = new ArrayList<>();
    Map<String, List<Pod>> made = fromTemplates(known);
    namespaces
        .values()
        .forEach(
            namespace -> {
              NamespaceFacts own = namespace.facts(known);
              List<Pod> more = made.getOrDefault(own.name(), List.of());
              facts.add(more.isEmpty() ? own : own.withPods(joined(own.pods(), more)));
            });
    List<OtherObject> outside = List.copyOf(clusterObjects.values());
    return new Facts(
        MeshSnapshot.of(settings, observedAt, facts, outside),
        problems,
        ignoredKinds,
        undefined(made));
  }

  private Set<String> undefined(Map<String, List<Pod>> ofTemplates) {
    return ofTemplates.entrySet().stream()
        .filter(made -> !Injection.ignores(made.getKey()))
        .filter(made -> !namespaceOf(made.getKey()).defined())
        .filter(made -> namespaceOf(made.getKey()).capturedPods() == 0)
        .filter(
            made ->
                made.getValue().isEmpty()
                    || made.getValue().stream().anyMatch(FactsCollector::dependsOnNamespace))
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /** Returns whether the pod has no proxy, and would have one if its namespace were injected. */
  private static boolean dependsOnNamespace(Pod pod) {
    return pod.dataPlane() == DataPlane.NONE
        && Injection.happens(
            pod.ref().namespace(),
            Injection.ENABLED,
            pod.labels(),
            pod.annotations(),
            pod.hostNetwork());
  }

  private static List<Pod> joined(List<Pod> some, List<Pod> more) {
    List<Pod> all = new ArrayList<>(some);
    all.addAll(more);
    return all;
  }

  /** Reads an object; returns an action that keeps the result, to be run if there was no error. */
  private Runnable read(Manifest manifest, ManifestFields object) {
    ObjectRef ref = manifest.ref();
    if (Kinds.JOBS.contains(ref.kind()) && OtherReader.isTemplate(ref.kind(), object)) {
      OtherObject template = OtherReader.jobTemplate(ref, object);
      Runnable workload = workload(manifest, object);
      return () -> {
        workload.run();
        namespaceOf(ref).others.put(ref, template);
      };
    }
    if (Kinds.WORKLOADS.contains(ref.kind())) {
      return workload(manifest, object);
    }
    if (ref.kind().equals(Kinds.CONFIG_MAP)) {
      return configMap(ref, object);
    }
    if (Kinds.clusterScoped(ref.kind())) {
      return keep(OtherReader.read(ref, object, observedAt), o -> clusterObjects.put(ref, o));
    }
    NamespaceCollector namespace = namespaceOf(ref);
    if (Kinds.OTHERS.contains(ref.kind())) {
      return keep(OtherReader.read(ref, object, observedAt), o -> namespace.others.put(ref, o));
    }
    return switch (ref.kind()) {
      case Kinds.NAMESPACE -> keep(NamespaceReader.read(ref, object), namespace::own);
      case Kinds.POD -> pod(ref, object, namespace);
      case Kinds.SERVICE ->
          keep(ServiceReader.service(ref, object, observedAt), s -> namespace.services.put(ref, s));
      case Kinds.ENDPOINT_SLICE ->
          keep(ServiceReader.endpointSlice(ref, object), s -> namespace.endpointSlices.put(ref, s));
      case Kinds.PEER_AUTHENTICATION ->
          keep(
              PeerAuthenticationReader.read(
                  MetaReader.owned(ref, object.object("metadata"), observedAt, FieldOwner.PERSONS),
                  object),
              p -> namespace.peerAuthentications.put(ref, p));
      case Kinds.DESTINATION_RULE ->
          keep(
              DestinationRuleReader.read(meta(ref, object), object),
              r -> namespace.destinationRules.put(ref, r));
      case Kinds.SIDECAR ->
          keep(SidecarReader.read(meta(ref, object), object), s -> namespace.sidecars.put(ref, s));
      default -> throw new IllegalStateException("no reader for " + ref.kind());
    };
  }

  private Runnable pod(ObjectRef ref, ManifestFields object, NamespaceCollector namespace) {
    Pod pod = PodReader.pod(ref, object, observedAt);
    if (templates != Templates.AS_PODS_AND_PODS || !PodReader.isWritten(object)) {
      return () -> {
        writtenPods.remove(ref);
        namespace.put(pod);
      };
    }
    return () -> {
      namespace.pods.remove(ref);
      writtenPods.put(ref, new WrittenPod(object, pod.createdAt()));
    };
  }

  /**
   * Returns the configuration of the istiod in {@code istio-system}, or in the only namespace that
   * has one: anybody may call a ConfigMap {@code istio} in a namespace of their own.
   */
  private MeshSettings settings() {
    String standard = MeshSettings.DEFAULT.rootNamespace();
    if (meshConfigs.size() > 1 && !meshConfigs.containsKey(standard)) {
      clusterUnreadable.add(
          Unreadable.kind(
              "ConfigMap",
              "Mesh configurations are in the namespaces "
                  + String.join(", ", meshConfigs.keySet())
                  + ", and none is in "
                  + standard
                  + ": leave out those of namespaces in which no istiod runs."));
    }
    SortedMap<String, MeshSettings> own = meshConfigs.get(standard);
    return (own == null ? meshConfigs.values().stream() : Stream.of(own))
        .flatMap(configs -> configs.values().stream())
        .findFirst()
        .orElse(MeshSettings.DEFAULT);
  }

  private static <T> Runnable keep(T value, Consumer<T> place) {
    return () -> place.accept(value);
  }

  private ObjectMeta meta(ObjectRef ref, ManifestFields object) {
    return MetaReader.meta(ref, object.object("metadata"), observedAt);
  }

  private NamespaceCollector namespaceOf(ObjectRef ref) {
    return namespaceOf(ref.kind().equals(Kinds.NAMESPACE) ? ref.name() : ref.namespace());
  }

  private NamespaceCollector namespaceOf(String name) {
    return namespaces.computeIfAbsent(name, NamespaceCollector::new);
  }

  private Runnable configMap(ObjectRef ref, ManifestFields object) {
    if (!MeshSettingsReader.isMeshConfig(object)) {
      return () -> ignoredKinds.merge(ref.kind(), 1, Integer::sum);
    }
    MeshSettings settings = MeshSettingsReader.read(object);
    return () -> {
      namespaceOf(ref);
      meshConfigs.computeIfAbsent(ref.namespace(), n -> new TreeMap<>()).put(ref.name(), settings);
    };
  }

  private Runnable workload(Manifest manifest, ManifestFields object) {
    ObjectRef ref = manifest.ref();
    ObjectRef owner = Ownership.controller(ref.namespace(), object.object("metadata")).orElse(ref);
    boolean top = owner.equals(ref);
    if (!top || templates == Templates.IGNORED) {
      return () -> {
        namespaceOf(ref);
        owners.put(ref, owner);
      };
    }
    WorkloadTemplate workload = WorkloadTemplate.read(manifest, object, observedAt);
    workload.pods(Map.of(), new HashSet<>()); // for errors in the template
    return () -> {
      namespaceOf(ref);
      owners.put(ref, owner);
      workloads.put(workload.workload(), workload);
    };
  }

  private Map<String, List<Pod>> fromTemplates(WorkloadOwners known) {
    Set<WorkloadRef> withPods = new HashSet<>();
    Set<ObjectRef> taken = new HashSet<>();
    for (NamespaceCollector namespace : namespaces.values()) {
      taken.addAll(namespace.pods.keySet());
      namespace
          .pods
          .values()
          .forEach(p -> withPods.add(Ownership.top(p.workload(), p.labels(), known)));
    }
    Map<String, List<Pod>> made = new HashMap<>();
    taken.addAll(writtenPods.keySet());
    writtenPods.forEach(
        (ref, pod) ->
            made.computeIfAbsent(ref.namespace(), n -> new ArrayList<>())
                .add(
                    PodReader.fromTemplate(
                        ref,
                        WorkloadRef.of(ref),
                        pod.object,
                        namespaceOf(ref).labels(),
                        pod.createdAt)));
    for (WorkloadTemplate workload : workloads.values()) {
      if (!withPods.contains(workload.workload())) {
        String namespace = workload.workload().namespace();
        Map<String, String> labels = namespaceOf(workload.manifest().ref()).labels();
        made.computeIfAbsent(namespace, n -> new ArrayList<>())
            .addAll(workload.pods(labels, taken));
      }
    }
    return made;
  }

  private void unreadable(Manifest manifest, FieldErrors faults) {
    ObjectRef ref = manifest.ref();
    (Kinds.clusterScoped(ref.kind()) ? clusterUnreadable : namespaceOf(ref).unreadable)
        .addAll(faults.of(ref));
    faults.forEach((pointer, reason) -> problem(manifest, manifest.pointer() + pointer, reason));
  }

  /**
   * Records a second definition of an object. Equal ones are normal in joined dumps; different ones
   * are an error.
   */
  private void noteRepetition(Manifest manifest) {
    Seen now = new Seen(manifest.tree().hashCode(), manifest.source(), manifest.line());
    Seen before = seen.put(manifest.ref(), now);
    if (before != null && before.hash != now.hash) {
      problem(
          manifest,
          manifest.pointer(),
          ("is given twice, and differently: also at %s:%s. This one counts here; overlays are to"
                  + " be rendered first")
              .formatted(before.source, before.line));
    }
  }

  private void problem(Manifest manifest, String pointer, String reason) {
    problems.add(
        new ManifestProblem(
            manifest.source(),
            manifest.document(),
            manifest.line(),
            0,
            pointer,
            manifest.ref() + ": " + reason));
  }
}
