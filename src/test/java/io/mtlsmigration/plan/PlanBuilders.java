// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectMeta;
import io.mtlsmigration.mesh.ObjectMeta.FieldOwner;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.PeerAuthentication.Spec;
import io.mtlsmigration.mtls.EffectiveMode;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PlanSpec.Apply;
import io.mtlsmigration.plan.PlanSpec.Gates;
import io.mtlsmigration.plan.PlanSpec.OnFailure;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import io.mtlsmigration.plan.PlanSpec.Scope;
import io.mtlsmigration.plan.PlanSpec.Target;
import io.mtlsmigration.plan.PlanSpec.Verification;
import io.mtlsmigration.plan.PlanSpec.WaveSpec;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Tiny builders of plans and ledgers, and edits of facts that plans care about. */
public final class PlanBuilders {

  private PlanBuilders() {}

  /** A plan for the whole mesh with every default. */
  public static PlanBuilder plan() {
    return new PlanBuilder();
  }

  /** An exception that lasts longer than any test. */
  public static PolicyException exception(
      String namespace, Map<String, String> selector, @Nullable Integer port) {
    return new PolicyException(
        namespace, selector, port, "team-a", "scrape", LocalDate.of(2027, 3, 1), List.of());
  }

  public static WaveSpec wave(String name, String... namespaces) {
    return new WaveSpec(name, List.of(namespaces), null);
  }

  public static WaveSpec wave(String name, LabelSelector selector) {
    return new WaveSpec(name, List.of(), selector);
  }

  /** The same mesh with one policy's metadata changed. */
  public static MeshSnapshot edit(
      MeshSnapshot snapshot, String namespace, String policy, UnaryOperator<ObjectMeta> change) {
    NamespaceFacts facts = snapshot.namespaces().get(namespace);
    List<PeerAuthentication> policies = new ArrayList<>();
    for (PeerAuthentication each : facts.peerAuthentications()) {
      policies.add(
          each.meta().name().equals(policy)
              ? new PeerAuthentication(change.apply(each.meta()), each.spec())
              : each);
    }
    return snapshot.with(facts.withPeerAuthentications(policies));
  }

  /** Metadata with other owners of fields. */
  public static ObjectMeta ownedBy(ObjectMeta meta, FieldOwner... owners) {
    return new ObjectMeta(
        meta.ref(),
        meta.uid(),
        meta.resourceVersion(),
        meta.createdAt(),
        meta.labels(),
        meta.annotations(),
        List.of(owners));
  }

  /** Metadata with other labels and annotations. */
  public static ObjectMeta marked(
      ObjectMeta meta, Map<String, String> labels, Map<String, String> annotations) {
    return new ObjectMeta(
        meta.ref(),
        meta.uid(),
        meta.resourceVersion(),
        meta.createdAt(),
        labels,
        annotations,
        meta.owners());
  }

  /** The same mesh with a policy written by somebody else: created, changed or (null) deleted. */
  public static MeshSnapshot written(
      MeshSnapshot snapshot, String namespace, String policy, @Nullable Spec spec) {
    ObjectRef ref = ObjectRef.peerAuthentication(namespace, policy);
    PeerAuthentication present = Snapshots.find(snapshot, ref);
    return Snapshots.apply(
        snapshot,
        new PolicyChange(
            ref,
            present == null ? null : present.spec(),
            spec,
            PolicyChange.Purpose.LOCK,
            false,
            "by somebody else"));
  }

  /** A mesh and the writes made to it on somebody's word, as a rollout would make them. */
  public static final class Journey {
    private MeshModes modes;
    private final List<LedgerEntry> ledger = new ArrayList<>();
    private final List<PolicyChange> made = new ArrayList<>();
    private long seconds;

    public Journey(MeshSnapshot start) {
      modes = MeshModes.resolve(start);
    }

    public MeshModes modes() {
      return modes;
    }

    public List<LedgerEntry> ledger() {
      return ledger;
    }

    public List<PolicyChange> made() {
      return made;
    }

    /** What others do between two writes. */
    public void meanwhile(UnaryOperator<MeshSnapshot> change) {
      modes = MeshModes.resolve(change.apply(modes.snapshot()));
    }

    /** Asks and writes, one write at a time, until nothing is left; returns the last answer. */
    public PolicyWrites follow(Function<MeshModes, PolicyWrites> decision) {
      for (int n = 0; n < 60; n++) {
        PolicyWrites writes = decision.apply(modes);
        if (writes.changes().isEmpty()) {
          return writes;
        }
        write(writes.changes().getFirst());
      }
      throw new AssertionError("does not come to an end: " + made);
    }

    public void write(PolicyChange change) {
      Spec spec = change.after() == null ? change.before() : change.after();
      EffectiveMode previous = ScopeModes.of(modes, change.ref(), spec);
      modes = MeshModes.resolve(Snapshots.apply(modes.snapshot(), change));
      PeerAuthentication present = Snapshots.find(modes.snapshot(), change.ref());
      made.add(change);
      ledger.add(
          new LedgerEntry(
              change.ref(),
              present == null ? "" : present.meta().uid(),
              change.before(),
              change.after(),
              previous.mode(),
              previous.ports(),
              change.purpose(),
              "",
              Instant.EPOCH.plusSeconds(seconds++)));
    }
  }

  /** Builds {@link PlanSpec}. */
  public static final class PlanBuilder {
    private String name = "q4";
    private Target target = Target.MESH;
    private Scope scope = Scope.EVERYTHING;
    private List<WaveSpec> waves = List.of();
    private Gates gates = Gates.DEFAULT;
    private Verification verification = Verification.DEFAULT;
    private Apply apply = Apply.DIRECT;
    private boolean adopt;
    private List<PolicyException> exceptions = List.of();

    private PlanBuilder() {}

    public PlanBuilder name(String next) {
      name = next;
      return this;
    }

    public PlanBuilder scope(String... namespaces) {
      target = Target.NAMESPACES;
      scope = new Scope(List.of(namespaces), null);
      return this;
    }

    public PlanBuilder scope(Scope next) {
      scope = next;
      return this;
    }

    public PlanBuilder target(Target next) {
      target = next;
      return this;
    }

    public PlanBuilder waves(WaveSpec... next) {
      waves = List.of(next);
      return this;
    }

    public PlanBuilder gates(Gates next) {
      gates = next;
      return this;
    }

    public PlanBuilder verification(Verification next) {
      verification = next;
      return this;
    }

    public PlanBuilder manifest() {
      apply = Apply.MANIFEST;
      return this;
    }

    public PlanBuilder adopt() {
      adopt = true;
      return this;
    }

    public PlanBuilder exceptions(PolicyException... next) {
      exceptions = List.of(next);
      return this;
    }

    public PlanSpec build() {
      return new PlanSpec(
          name,
          target,
          scope,
          waves,
          gates,
          verification,
          OnFailure.ROLLBACK,
          apply,
          adopt,
          exceptions,
          PlanSpec.Start.ON_COMMAND);
    }
  }

  /** The mode of one pod's port. */
  public static MtlsMode mode(MeshModes modes, String namespace, String pod, int port) {
    return modes.namespace(namespace).facts().pods().stream()
        .filter(each -> each.name().equals(pod))
        .findFirst()
        .map(each -> modes.namespace(namespace).of(each).of(port))
        .orElseThrow();
  }
}
