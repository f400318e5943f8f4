// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.mtlsmigration.contract.PlanReading;
import io.mtlsmigration.contract.PlanSpecs;
import io.mtlsmigration.kubernetes.resource.MigrationPlanStatus;
import io.mtlsmigration.kubernetes.resource.NamespaceMigration;
import io.mtlsmigration.kubernetes.resource.NamespaceMigrationStatus;
import io.mtlsmigration.kubernetes.resource.ResourceJson;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.Wave;
import io.mtlsmigration.rollout.Approval;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.Records;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.testing.Seeds;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept is what is read again, through the JSON that an API server sees. */
final class RoundTripTest {

  @Test
  void aStepIsReadAsItWasKept() {
    Seeds.each(
        300,
        draw -> {
          StepRecord step = new RandomRecords(draw).step();

          NamespaceMigrationStatus status =
              json(StepStatuses.write(step, List.of(), 7), NamespaceMigrationStatus.class);

          assertEquals(step, StepStatuses.read("plan", step.key(), "", status));
          assertEquals(7, status.revision());
        });
  }

  /** Recorded before steps knew whether their servers were watched. */
  @ParameterizedTest
  @ValueSource(strings = {"foo.foo", "mesh.foo"})
  void aStepOfAnEarlierReleaseDoesNotSayThatItsServersWereWatched(String name) throws IOException {
    try (InputStream yaml = Files.newInputStream(Path.of("contract/v0.1.0/resources.yaml"))) {
      GenericKubernetesResource stored =
          Serialization.unmarshal(yaml, GenericKubernetesResourceList.class).getItems().stream()
              .filter(one -> one.getKind().equals(NamespaceMigration.KIND))
              .filter(one -> one.getMetadata().getName().equals(name))
              .findFirst()
              .orElseThrow();

      StepRecord step = CachedStep.of(stored).record();

      assertNotNull(step);
      assertTrue(step.unwatched());
    }
  }

  @Test
  void aPlanIsReadAsItWasKept() {
    Seeds.each(
        300,
        draw -> {
          PlanRecord plan = new RandomRecords(draw).plan();

          MigrationPlanStatus status =
              json(PlanStatuses.write(plan, PlanStatusSummary.NONE, 7), MigrationPlanStatus.class);

          assertEquals(plan, PlanStatuses.read("plan", "uid", "", status));
        });
  }

  @Test
  void aSpecIsReadAsItWasWritten() {
    Seeds.each(
        300,
        draw -> {
          PlanSpec spec = new RandomRecords(draw).spec();

          PlanReading reading =
              PlanReading.ofTree("plan", ResourceJson.tree(PlanSpecs.write(spec)));

          assertEquals(List.of(), reading.problems());
          assertEquals(spec, reading.spec());
        });
  }

  @Test
  void anEventIsReadAsItWasKept() {
    Seeds.each(
        100,
        draw -> {
          Event event = new RandomRecords(draw).event(draw.of("foo", "bar"));

          List<Event> read =
              EventEntries.read(EventEntries.write(List.of(event), "foo"), "plan", "foo");

          assertEquals(List.of(event), read);
        });
  }

  @Test
  void tenThousandNamespacesFitIntoAnObject() throws Exception {
    List<String> names =
        IntStream.range(0, 10_000).mapToObj("team-%05d-production-namespace"::formatted).toList();
    PlanRecord plan =
        new PlanRecord(
            Records.spec("plan"),
            "uid",
            "",
            1,
            PlanPhase.RUNNING,
            "ann",
            Records.NOW,
            Records.NOW,
            null,
            List.of(
                new Wave(
                    "wave-1",
                    names.stream()
                        .map(n -> new Wave.Member(n, n.hashCode() + " captured pods"))
                        .toList())),
            Map.of(),
            "hash",
            names.stream()
                .map(
                    n ->
                        new Approval(
                            n, "ann", Records.NOW, "go", 1, 1, "%064x".formatted(n.hashCode())))
                .toList());

    MigrationPlanStatus status = PlanStatuses.write(plan, PlanStatusSummary.NONE, 1);

    assertNotNull(status.packed());
    assertTrue(ResourceJson.size(status) < 1_000_000, () -> ResourceJson.size(status) + " bytes");
    assertEquals(
        plan, PlanStatuses.read("plan", "uid", "", json(status, MigrationPlanStatus.class)));
  }

  /** etcd takes 1.5 MiB. What cannot be stored is not undone either. */
  @Test
  void aStepFitsIntoAnObjectHoweverManyFactsItsGatesHave() throws Exception {
    List<String> pods =
        IntStream.range(0, 10_000)
            .mapToObj("pod foo/legacy-%05d (Deployment foo/legacy)"::formatted)
            .toList();
    StepRecord step =
        Records.step("plan", "foo")
            .withGates(
                Arrays.stream(Gate.values())
                    .map(
                        gate ->
                            new GateResult(
                                gate,
                                GateResult.Result.PASS,
                                Reason.OVERRIDDEN,
                                "told",
                                pods,
                                Records.NOW))
                    .toList(),
                null);

    NamespaceMigrationStatus status = StepStatuses.write(step, List.of(), 1);

    assertTrue(ResourceJson.size(status) < 600_000, () -> ResourceJson.size(status) + " bytes");
    assertEquals(
        step,
        StepStatuses.read("plan", step.key(), "", json(status, NamespaceMigrationStatus.class)));
    List<String> kept = step.gates().getFirst().evidence();
    assertEquals(pods.getFirst(), kept.getFirst());
    assertEquals("and " + (pods.size() - kept.size() + 1) + " more", kept.getLast());
  }

  /** Through fabric8's own reading, as an informer does it. */
  private static <T> T json(Object status, Class<T> type) throws Exception {
    GenericKubernetesResource object = new GenericKubernetesResource();
    object.setAdditionalProperty("status", ResourceJson.tree(status));
    GenericKubernetesResource read =
        Serialization.unmarshal(Serialization.asJson(object), GenericKubernetesResource.class);
    return ResourceJson.read(LedgerObjects.part(read, "status"), type);
  }
}
