// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who had an address when, as seconds pass and pods come and go. */
final class AddressHistoryTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final Duration WINDOW = Duration.ofHours(1);
  private static final String IP = "10.244.0.8";

  private final AddressHistory history = new AddressHistory(WINDOW);

  private static Instant second(int second) {
    return NOON.plusSeconds(second);
  }

  private static PodBuilder job(String name, int second) {
    return pod(name).of("CronJob", name).ip(IP).node("n").createdAt(second(second));
  }

  private void seen(int second, PodBuilder... pods) {
    MeshSnapshot mesh = mesh(namespace("legacy").with(pods));
    history.observe(mesh.observed(second(second), List.of()), second(second));
  }

  private String at(int second) {
    AddressHistory.Holder holder = history.holder(IP, second(second), false);
    Pod pod = holder.pod();
    return pod == null ? holder.ambiguous() ? "one of several" : "nobody" : pod.workload().name();
  }

  @Test
  void remembersAJobThatIsGone() {
    seen(0);
    seen(2, job("nightly", 1));
    seen(4);

    assertEquals("nightly", at(3));
    assertEquals("nightly", at(8), "a line that came late");
    assertEquals("nobody", at(10));
    assertEquals("nobody", at(-10));
  }

  @Test
  void remembersAJobThatHasEnded() {
    seen(2, job("nightly", 1));
    seen(4, job("nightly", 1).terminated());
    seen(600, job("nightly", 1).terminated());

    assertEquals("nightly", at(3));
    assertEquals("nobody", at(600));
  }

  @Test
  void tellsOneJobFromTheNextByTheTime() {
    seen(0);
    seen(2, job("first", 1));
    seen(4, job("first", 1).terminated());
    seen(20, job("first", 1).terminated(), job("second", 19));
    seen(40, job("first", 1).terminated(), job("second", 19));

    assertEquals("first", at(3));
    assertEquals("second", at(30));
  }

  /** Its node has started anew: it is the same pod, in another network. */
  @Test
  void endsAnAddressThatItsPodHasNoLonger() {
    seen(0);
    seen(2, job("first", 1));
    seen(4, job("first", 1).ip("10.244.0.99"));
    seen(600, job("first", 1).ip("10.244.0.99"), job("second", 590));
    seen(620, job("first", 1).ip("10.244.0.99"), job("second", 590));

    assertEquals("first", at(3));
    assertEquals("nobody", at(500));
    assertEquals("second", at(610));
  }

  /** Ours was ahead by ten minutes. */
  @Test
  void goesOnWhenOurClockIsSetBack() {
    seen(590);
    seen(600, job("first", -2));
    seen(2, job("second", 1));
    seen(40, job("second", 1));

    assertEquals("second", at(30));
    assertEquals(second(2), history.since("legacy"));
    assertEquals(1, history.ends());
  }

  @Test
  void leavesOutWhatAnotherThreadHasReadBefore() {
    seen(10, job("first", 1));
    seen(5);

    assertEquals("first", at(8));
    assertEquals(0, history.ends());
  }

  @Test
  void namesNeitherOfTwoWhoMayHaveHadIt() {
    seen(0);
    seen(2, job("first", 1));
    seen(4, job("second", 3));
    seen(20, job("second", 3));

    assertEquals("one of several", at(5));
    assertEquals("second", at(15));
  }

  @Test
  void namesTheWorkloadOfSeveralPodsOneAfterTheOther() {
    seen(0);
    seen(2, job("nightly", 1));
    seen(4, pod("again").of("CronJob", "nightly").ip(IP).createdAt(second(3)));

    assertEquals("nightly", at(5));
  }

  @Test
  void doesNotGuessHowLongOneHadItThatHadEndedBefore() {
    seen(0, job("nightly", -300).terminated());

    assertEquals("nobody", at(-100));
    Pod guessed = history.holder(IP, second(-100), true).pod();
    assertNotNull(guessed);
    assertEquals("nightly", guessed.workload().name());
  }

  @Test
  void takesWhatRunsForTheHolderThoughAnotherHasEndedUnseen() {
    seen(0, job("nightly", -3_600).terminated(), job("server", -1_800));

    assertEquals("server", at(-60));
    assertEquals("one of several", at(-1_795));
  }

  @Test
  void forgetsNobodyForAsLongAsAWindow() {
    seen(2, job("nightly", 1));
    seen(4);
    int hour = (int) WINDOW.toSeconds();
    seen(hour);
    String within = at(3);
    seen(hour + 10);

    assertEquals("nightly", within);
    assertEquals("nobody", at(3));
  }

  @Test
  void remembersNoMoreThanSoMany() {
    PodBuilder[] many = new PodBuilder[AddressHistory.MOST + 1];
    for (int i = 0; i < many.length; i++) {
      many[i] = pod("job-" + i).ip(i == 0 ? IP : "10." + i).createdAt(NOON);
    }
    seen(2, job("nightly", 1));
    seen(4);
    seen(6, many);
    seen(8);

    assertEquals("nobody", at(3));
  }

  /** Whoever makes pods by the thousand forgets their own, and says so of their own. */
  @Test
  void aFloodOfPodsLeavesThoseOfOtherNamespaces() {
    PodBuilder[] many = new PodBuilder[AddressHistory.MOST + 1];
    for (int i = 0; i < many.length; i++) {
      many[i] = pod("job-" + i).ip("10." + i).createdAt(NOON);
    }
    MeshBuilders.NamespaceBuilder calm = namespace("legacy");
    history.observe(mesh(calm.with(job("nightly", 1))).observed(second(2), List.of()), second(2));
    history.observe(
        mesh(namespace("legacy"), namespace("noisy").with(many)).observed(second(6), List.of()),
        second(6));
    history.observe(
        mesh(namespace("legacy"), namespace("noisy")).observed(second(8), List.of()), second(8));

    assertEquals("nightly", at(3));
    assertEquals(second(2), history.since("legacy"));
    assertEquals(second(8), history.since("noisy"));
    assertEquals(
        second(6),
        history
            .lastEnd(List.of("legacy"), 0, pod -> pod.namespace().equals("legacy"))
            .map(AddressHistory.End::at)
            .orElseThrow());
  }

  @Test
  void takesNoStepBackForAThreadThatIsLate() {
    seen(2, job("nightly", 1));
    seen(1);
    seen(60, job("nightly", 1));

    assertEquals("nightly", at(30));
  }

  @Test
  void forgetsAPodsEndWhenItWasNone() {
    seen(2, job("nightly", 1));
    seen(4);
    seen(6, job("nightly", 1));

    assertEquals("nightly", at(60));
  }

  /** An evicted pod stays listed until somebody deletes it. */
  @Test
  void notesTheEndOfAPodOnceThoughItStaysListed() {
    PodBuilder failed = job("evicted", 1);
    seen(2, failed);
    seen(4, failed.terminated());
    long ends = history.ends();
    int hour = (int) WINDOW.toSeconds();

    seen(hour + 10, failed.terminated());
    seen(hour + 20, failed.terminated(), pod("other").ip("10.244.0.9"));

    assertEquals(ends, history.ends());
    assertEquals("nobody", at(hour + 20));
  }
}
