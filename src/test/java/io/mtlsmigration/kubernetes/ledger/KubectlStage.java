// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.mtlsmigration.kubernetes.resource.Condition;
import io.mtlsmigration.kubernetes.resource.MigrationPlan;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Records;
import io.mtlsmigration.rollout.commands.PlanCommands;
import io.mtlsmigration.testing.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A mock API server, a ledger and a desk on it, somebody with kubectl, and the reconciler. */
final class KubectlStage implements AutoCloseable {

  final ManualClock clock = new ManualClock(Records.NOW);
  final MockCluster cluster = new MockCluster();
  final ClusterLedger ledger = cluster.replica(clock);
  final StillMesh mesh = new StillMesh(clock);
  PlanCommands commands = mesh.commands(ledger);
  Leadership leadership = Leadership.ALONE;
  PlanController reconciler = new PlanController(ledger, commands, leadership, clock);

  /** Another process takes the lead. */
  void restart(UnaryOperator<PlanCommands> behind) {
    reconciler = new PlanController(ledger, behind.apply(commands), leadership, clock);
  }

  void apply(String name, Map<String, Object> spec, Map<String, String> annotations) {
    GenericKubernetesResource object = new GenericKubernetesResource();
    object.setApiVersion(MigrationPlan.API_VERSION);
    object.setKind(MigrationPlan.KIND);
    object.setMetadata(new ObjectMetaBuilder().withName(name).withAnnotations(annotations).build());
    object.setAdditionalProperty("spec", spec);
    cluster.plans().resource(object).create();
    see(name);
  }

  void apply(String name) {
    apply(name, spec(), Map.of());
  }

  static Map<String, Object> spec() {
    return Map.of("scope", Map.of("namespaces", List.of("foo", "bar")));
  }

  void edit(String name, Consumer<GenericKubernetesResource> change) {
    cluster
        .plans()
        .withName(name)
        .edit(
            object -> {
              change.accept(object);
              return object;
            });
    see(name);
  }

  /** The mock server leaves counting generations to its users. */
  void respec(String name, Map<String, Object> spec) {
    edit(
        name,
        object -> {
          object.setAdditionalProperty("spec", spec);
          Long generation = object.getMetadata().getGeneration();
          object.getMetadata().setGeneration(generation == null ? 2 : generation + 1);
        });
  }

  void annotate(String name, String annotation, String value) {
    edit(
        name,
        object -> {
          Map<String, String> all =
              new HashMap<>(
                  Optional.ofNullable(object.getMetadata().getAnnotations()).orElse(Map.of()));
          all.put(annotation, value);
          object.getMetadata().setAnnotations(all);
        });
  }

  void delete(String name) {
    cluster.plans().withName(name).delete();
    see(name);
  }

  /** The ledger knows what the server has. */
  void see(String name) {
    await()
        .pollInterval(Duration.ofMillis(10))
        .until(() -> Objects.equals(version(ledger.object(name)), server(name)));
  }

  private static String version(CachedPlan plan) {
    return plan == null ? null : plan.resourceVersion();
  }

  private String server(String name) {
    GenericKubernetesResource live = cluster.plans().withName(name).get();
    return live == null ? null : live.getMetadata().getResourceVersion();
  }

  void turn() {
    reconciler.turn();
  }

  /** Long enough for everything that is only looked at now and then. */
  void later() {
    clock.advance(Duration.ofMinutes(1));
    turn();
  }

  CachedPlan object(String name) {
    return Objects.requireNonNull(ledger.object(name));
  }

  PlanRecord plan(String name) {
    return ledger.plan(name).orElseThrow();
  }

  String annotation(String name, String annotation) {
    Map<String, String> all = object(name).object().getMetadata().getAnnotations();
    return all == null ? null : all.get(annotation);
  }

  Condition condition(String name, String type) {
    return object(name).notes().conditions().stream()
        .filter(c -> type.equals(c.type()))
        .findFirst()
        .orElse(null);
  }

  /** {@code status reason}. */
  String says(String name, String type) {
    Condition condition = condition(name, type);
    return condition == null ? "absent" : condition.status() + " " + condition.reason();
  }

  String message(String name, String type) {
    return Objects.requireNonNull(condition(name, type)).message();
  }

  /** As the loop ends it. */
  void end(String name, PlanPhase phase, Instant at) {
    PlanRecord plan = plan(name);
    ledger.save(
        new PlanRecord(
            plan.spec(),
            plan.uid(),
            plan.version(),
            plan.generation(),
            phase,
            plan.createdBy(),
            plan.createdAt(),
            plan.startedAt(),
            at,
            plan.waves(),
            plan.exempt(),
            plan.observation(),
            plan.approvals()));
  }

  @Override
  public void close() {
    cluster.close();
  }
}
