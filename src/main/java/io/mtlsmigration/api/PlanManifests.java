// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.manifest.ManifestWriter;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication.Spec;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.PlanReport;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.Planner;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.plan.PolicyChange.Purpose;
import io.mtlsmigration.plan.Preview;
import io.mtlsmigration.plan.StepName;
import io.mtlsmigration.plan.Wave;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.decisions.RollbackDecision;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A plan's policies as YAML, split by wave: those applied, and those that would be applied to the
 * current mesh. Within a part each object occurs once, in its last form, so that a part can be
 * committed to a repository as it is. The change from DISABLE to PERMISSIVE is a part of its own,
 * before its wave: it has to be in force, and old connections drained, before STRICT may follow.
 */
final class PlanManifests {

  private static final Set<PlanPhase> GOES_ON =
      Set.of(PlanPhase.DRAFT, PlanPhase.RUNNING, PlanPhase.PAUSED, PlanPhase.COMPLETED);

  private static final String EXEMPT = "exempt";

  /** Ends the name of a part that takes DISABLE to PERMISSIVE. */
  private static final String ENABLE = "-enable";

  private final String rootNamespace;
  private final Map<String, String> waveOf = new HashMap<>();

  /** By part, then by object; objects in the order in which they are first written. */
  private final Map<String, Map<ObjectRef, Entry>> parts = new LinkedHashMap<>();

  /** An object's last form; {@code spec} is null when the object is deleted. */
  private record Entry(String comment, @Nullable Spec spec) {}

  private PlanManifests(MeshModes modes, List<Wave> waves) {
    this.rootNamespace = modes.snapshot().settings().rootNamespace();
    for (Wave wave : waves) {
      String part = part(wave);
      parts.put(part + ENABLE, new LinkedHashMap<>());
      parts.put(part, new LinkedHashMap<>());
      wave.members().forEach(member -> waveOf.put(member.namespace(), part));
    }
  }

  /** Returns the parts of a plan by name: its waves, then steps in no wave, then the mesh step. */
  static Map<String, String> of(PlanRecord plan, List<StepRecord> steps, MeshModes modes) {
    PlanReport report = Planner.plan(plan.spec(), modes);
    List<Wave> waves = plan.waves().isEmpty() ? report.waves() : plan.waves();
    PlanManifests manifests = new PlanManifests(modes, waves);
    steps.stream().flatMap(step -> step.ledger().stream()).forEach(manifests::applied);
    if (GOES_ON.contains(plan.phase())) {
      manifests.planned(report, steps, plan.spec(), modes);
    }
    Map<String, String> texts = new LinkedHashMap<>();
    manifests.parts.forEach(
        (name, entries) -> {
          if (!entries.isEmpty() || !name.endsWith(ENABLE)) {
            texts.put(name, text(name, entries));
          }
        });
    return texts;
  }

  private void applied(LedgerEntry entry) {
    put(
        entry.ref(),
        entry.purpose(),
        new Entry("applied " + entry.writtenAt() + ": " + entry.purpose(), entry.after()));
  }

  /**
   * Adds what is left to apply. What a person has exempted is opened; what was skipped or rolled
   * back is not locked, and neither is the mesh meanwhile.
   */
  private void planned(PlanReport report, List<StepRecord> steps, PlanSpec spec, MeshModes modes) {
    Set<String> left = new HashSet<>();
    boolean mesh = true;
    for (StepRecord step : steps) {
      String namespace = step.key().namespace();
      if (step.phase() == Phase.EXEMPT && step.asked()) {
        left.add(namespace);
        Preview.exempt(modes, namespace, spec).changes().forEach(this::planned);
      } else if (step.phase().leftOut() || step.phase() == Phase.ROLLING_BACK) {
        left.add(namespace);
        mesh &= !step.key().isMesh() && modes.snapshot().namespace(namespace) == null;
      }
    }
    // Whoever has let its gate pass waits for it.
    mesh |=
        steps.stream()
            .anyMatch(step -> step.key().isMesh() && RollbackDecision.locked(step.phase()));
    for (PolicyChange change : report.changes()) {
      String namespace = change.ref().namespace();
      if (namespace.equals(rootNamespace) ? mesh : !left.contains(namespace)) {
        planned(change);
      }
    }
  }

  private void planned(PolicyChange change) {
    put(
        change.ref(),
        change.purpose(),
        new Entry("would be applied: " + change.why(), change.after()));
  }

  private void put(ObjectRef ref, Purpose purpose, Entry entry) {
    parts
        .computeIfAbsent(part(ref.namespace(), purpose), name -> new LinkedHashMap<>())
        .put(ref, entry);
  }

  /**
   * Returns the name of a wave's part. A wave may be called like another part; it is prefixed then,
   * or the mesh would be locked with the namespaces of that wave.
   */
  private static String part(Wave wave) {
    String name = wave.name();
    boolean taken = name.equals(StepName.MESH) || name.equals(EXEMPT) || name.endsWith(ENABLE);
    return taken ? "wave:" + name : name;
  }

  private String part(String namespace, Purpose purpose) {
    String name =
        namespace.equals(rootNamespace) ? StepName.MESH : waveOf.getOrDefault(namespace, EXEMPT);
    return purpose == Purpose.ENABLE ? name + ENABLE : name;
  }

  private static String text(String name, Map<ObjectRef, Entry> entries) {
    List<String> documents = new ArrayList<>();
    documents.add("# wave: " + name + "\n" + (entries.isEmpty() ? "# nothing to write\n" : ""));
    entries.forEach((ref, entry) -> documents.add(document(ref, entry)));
    return String.join("", documents);
  }

  private static String document(ObjectRef ref, Entry entry) {
    String comment = "# " + entry.comment().replaceAll("\\R", " ") + "\n";
    return entry.spec() == null
        ? comment + "# delete " + ref + "\n"
        : "---\n"
            + comment
            + ManifestWriter.yaml(ManifestWriter.peerAuthentication(ref, entry.spec()));
  }
}
