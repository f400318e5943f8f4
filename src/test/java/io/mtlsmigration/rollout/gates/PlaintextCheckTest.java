// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import static io.mtlsmigration.mesh.MeshBuilders.cronJob;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.EndpointSlice;
import io.mtlsmigration.mesh.JobTemplate;
import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateOverride;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.QuietObservation;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.Records;
import io.mtlsmigration.rollout.SimulatedMesh;
import io.mtlsmigration.rollout.Specs;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.CallerRecord;
import io.mtlsmigration.traffic.ConnectionRecord.Connections;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.LineLoss;
import io.mtlsmigration.traffic.LinesRead;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.SeenCaller;
import io.mtlsmigration.traffic.TrafficReading;
import io.mtlsmigration.traffic.TrafficWithCallers;
import io.mtlsmigration.traffic.Watch;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What was seen is told at once; that nothing was seen counts only where it would have been. */
final class PlaintextCheckTest {

  private static final Instant NOW = SimulatedMesh.START;
  private static final Duration WINDOW = Specs.namespaces("foo").spec().gates().plaintextWindow();
  private static final WorkloadRef HTTPBIN = new WorkloadRef("foo", "Deployment", "httpbin");
  private static final WorkloadRef ECHO = new WorkloadRef("foo", "Deployment", "echo");

  private Specs specs = Specs.namespaces("foo");
  private MeshBuilders.NamespaceBuilder foo = Worlds.injected("foo");
  private MeshBuilders.NamespaceBuilder legacy = Worlds.legacy();
  private final List<Edge> edges = new ArrayList<>();
  private final Map<WorkloadRef, Watch> watched = new HashMap<>();
  private Connections connections = Connections.NONE;
  private boolean unavailable;
  private final List<String> wanted = new ArrayList<>();
  private Instant asOf = NOW;
  private StepRecord step =
      StepRecord.begin(
          "plan", new StepKey("foo"), "uid", Phase.OBSERVING, NOW, Reason.PLAN_STARTED, "");

  PlaintextCheckTest() {
    watched.put(HTTPBIN, Watch.from(NOW.minus(WINDOW), true));
  }

  /** Knows of nothing but traffic. */
  private class Seen extends QuietObservation {
    Seen() {
      super(
          MeshSnapshot.of(
              MeshSettings.DEFAULT,
              NOW,
              Stream.of(namespace("istio-system"), foo, legacy)
                  .map(MeshBuilders.NamespaceBuilder::build)
                  .toList()));
    }

    @Override
    public TrafficReading traffic(Duration window) {
      return new TrafficReading() {
        @Override
        public Instant asOf() {
          return asOf;
        }

        @Override
        public Duration window() {
          return window;
        }

        @Override
        public Connections connections(String namespace) {
          return connections;
        }

        @Override
        public void connectionsWanted(String namespace, boolean soon) {
          wanted.add(namespace + (soon ? " soon" : ""));
        }

        @Override
        public Evidence<NamespaceTraffic> of(String namespace) {
          return unavailable
              ? new Evidence.Unavailable<>(Evidence.Reason.SOURCE_DOWN, "")
              : new Evidence.Measured<>(new NamespaceTraffic(edges, 0, 0, watched), asOf);
        }
      };
    }
  }

  private GateResult judge() {
    return new PlaintextCheck().evaluate(new Seen().context(specs.spec(), step));
  }

  private void plaintext(String client) {
    edges.add(
        new Edge(
            new Caller(new WorkloadRef("legacy", "Deployment", client), "10.0.0.9"),
            HTTPBIN,
            8080,
            "http",
            Edge.Security.PLAINTEXT,
            1,
            0,
            NOW.minusSeconds(1),
            NOW.minusSeconds(1),
            "prometheus"));
  }

  private void servesEcho() {
    foo =
        Worlds.injected("foo")
            .with(sidecarPod("echo").ports(9000))
            .with(service("echo").port(9000, 9000));
  }

  @Test
  void passesWhenEachServerWasWatchedForTheWindow() {
    assertEquals(GateResult.Result.PASS, judge().result());
  }

  @Test
  void failsWithTheCallerWhateverElseIsMissing() {
    watched.clear();
    asOf = NOW.minus(Duration.ofHours(1));
    plaintext("curl");

    GateResult said = judge();

    assertEquals(Reason.PLAINTEXT_CLIENTS, said.reason());
    assertEquals(GateResult.Result.FAIL, said.result());
    assertTrue(said.message().contains("legacy/curl"), said.message());
  }

  private void counted(long port) {
    edges.add(
        new Edge(
            Caller.UNKNOWN,
            HTTPBIN,
            (int) port,
            "http",
            Edge.Security.PLAINTEXT,
            1,
            0,
            NOW,
            NOW,
            "prometheus"));
  }

  private void connected(int port) {
    edges.add(
        new Edge(
            new Caller(new WorkloadRef("legacy", "Deployment", "curl"), "10.0.0.9"),
            HTTPBIN,
            port,
            "tcp",
            Edge.Security.PLAINTEXT,
            1,
            0,
            NOW,
            NOW,
            Connections.SOURCE,
            1));
  }

  @Test
  void failsForAConnectionThatIsHeldOpen() {
    connected(0);

    GateResult said = judge();

    assertEquals(Reason.PLAINTEXT_CLIENTS, said.reason());
    assertTrue(said.evidence().getFirst().contains("1 of them open now"), said::toString);
  }

  /** It may end at any time, which the next list tells; what was counted fails for the window. */
  @Test
  void asksSoonWhetherAConnectionIsStillHeld() {
    connected(0);
    judgeRunning();
    plaintext("other");
    judgeRunning();

    assertEquals(List.of("foo soon", "foo"), wanted);
  }

  /** The pod's list does not tell the port: a client of the excepted one is taken for that. */
  @Test
  void aConnectionOfAClientOfAnExceptedPortIsTakenForThat() {
    specs.except("foo", "httpbin", 8080);
    connected(0);
    GateResult said = judge();
    assertEquals(Reason.PLAINTEXT_CLIENTS, said.reason());
    assertFalse(said.evidence().getFirst().contains("ztunnel"), said::toString);

    plaintext("curl");

    GateResult passed = judgeRunning();
    assertEquals(GateResult.Result.PASS, passed.result(), passed::message);
    assertTrue(passed.message().contains("what legacy/curl holds open"), passed.message());
    connected(9090);
    assertEquals(Reason.PLAINTEXT_CLIENTS, judge().reason());
  }

  /** Only a line tells that a client calls a port; of another of that name it tells nothing. */
  @Test
  void aConnectionIsNotTakenForOneToAnExceptedPortWithoutALineOfThatClient() {
    specs.except("foo", "httpbin", 8080);
    connected(0);
    connected(8080);
    assertEquals(Reason.PLAINTEXT_CLIENTS, judge().reason());
    edges.add(
        new Edge(
            new Caller(new WorkloadRef("legacy", "StatefulSet", "curl"), "10.0.0.10"),
            HTTPBIN,
            8080,
            "http",
            Edge.Security.PLAINTEXT,
            1,
            0,
            NOW,
            NOW,
            "access-log"));
    assertEquals(Reason.PLAINTEXT_CLIENTS, judge().reason());
  }

  /** What is counted is not known; who is connected is. */
  @Test
  void tellsWhoIsConnectedWithoutCounts() {
    SeenCaller held =
        new SeenCaller(
            new Caller(new WorkloadRef("legacy", "Deployment", "curl"), "10.0.0.9"),
            0,
            false,
            false,
            1,
            NOW,
            NOW);
    connections =
        new Connections(
            Map.of(HTTPBIN, List.of(held)), Map.of(), Map.of(), Map.of(), Map.of(), Set.of());
    unavailable = true;

    GateResult said = judgeRunning();

    assertEquals(Reason.PLAINTEXT_CLIENTS, said.reason());
    assertEquals(List.of("foo"), wanted);
  }

  /** Who is connected may be somebody else than who, or what, a person lets pass. */
  @Test
  void waitsForConnectionsWhereAPersonLetsItPass() {
    unavailable = true;
    letPass(GateOverride.NOT_MEASURED);

    judgeRunning();

    assertEquals(List.of("foo soon"), wanted);
  }

  /** Nobody can tell a later one from those that a person has let pass. */
  @Test
  void saysThatWhoeverHasNoNamePassesWithAnother() {
    letPass("unknown to foo/httpbin");
    edges.add(
        new Edge(
            Caller.UNKNOWN,
            HTTPBIN,
            8080,
            "http",
            Edge.Security.PLAINTEXT,
            1,
            0,
            NOW,
            NOW,
            "prometheus"));

    GateResult said = letPass();

    assertEquals(Reason.OVERRIDDEN, said.reason());
    assertTrue(said.message().endsWith("passes with it, later ones too"), said.message());
  }

  /** What is known of one client tells nothing of those whom nobody would have seen. */
  @Test
  void whoLetsAClientPassHasNotLetPassWhatIsNotMeasured() {
    plaintext("curl");
    letPass("legacy/curl to foo/httpbin");
    assertEquals(Reason.OVERRIDDEN, letPass().reason());

    servesEcho();

    GateResult said = letPass();
    assertEquals(GateResult.Result.INCONCLUSIVE, said.result());
    assertEquals(Reason.NOT_WATCHED, said.reason());
    assertTrue(said.message().contains("legacy/curl; of others, nobody was"), said.message());
    assertTrue(said.message().contains("did not have what was not measured"), said.message());
    letPass("legacy/curl to foo/httpbin", GateOverride.NOT_MEASURED);
    assertEquals(Reason.OVERRIDDEN, letPass().reason());
  }

  /** Whoever calls is connected for a moment, again and again. */
  @Test
  void aConnectionOfWhomAPersonLetsPassIsNotAwaited() {
    plaintext("curl");
    seenOnce("curl");
    letPass("legacy/curl to foo/httpbin");
    assertEquals(Reason.OVERRIDDEN, letPassRunning().reason());

    seenOnce("wget");

    assertEquals(Reason.WATCH_TOO_SHORT, letPassRunning().reason());
  }

  private void seenOnce(String client) {
    Caller caller = new Caller(new WorkloadRef("legacy", "Deployment", client), "10.0.0.9");
    connections =
        new Connections(
            Map.of(),
            Map.of(HTTPBIN, List.of(new SeenCaller(caller, 0, false, false, 1, NOW, NOW))),
            Map.of(),
            Map.of(),
            Map.of(),
            Set.of());
  }

  private GateResult letPass() {
    return Gates.evaluate(new Seen().context(specs.spec(), step), true).of(Gate.PLAINTEXT);
  }

  private GateResult letPassRunning() {
    return Gates.evaluate(running(), true).of(Gate.PLAINTEXT);
  }

  private void letPass(String... found) {
    step =
        step.withOverride(
            new GateOverride(
                Set.of(Gate.PLAINTEXT),
                "ann",
                NOW,
                "known",
                Records.plan(specs.spec()).generation(),
                false,
                false,
                Map.of(Gate.PLAINTEXT, List.of(found))));
  }

  /** Of a step that the loop judges. */
  private GateResult judgeRunning() {
    return new PlaintextCheck().evaluate(running());
  }

  private GateContext running() {
    GateContext draft = new Seen().context(specs.spec(), step);
    return new GateContext(
        Records.with(draft.plan(), PlanPhase.RUNNING),
        step,
        draft.observation(),
        draft.facts(),
        draft.writes(),
        draft.cells(),
        draft.others(),
        draft.proof(),
        draft.limits());
  }

  private static Map<WorkloadRef, String> of(String why) {
    return Map.of(HTTPBIN, why);
  }

  @Test
  void waitsForConnectionsThatNobodyHasReadYet() {
    connections =
        new Connections(Map.of(), Map.of(), of("a pod is new"), Map.of(), Map.of(), Set.of());

    GateResult said = judgeRunning();

    assertEquals(Reason.WATCH_TOO_SHORT, said.reason());
    assertEquals(List.of("foo/httpbin: a pod is new"), said.evidence());
    assertEquals(List.of("foo soon"), wanted);
    specs.except("foo", "httpbin", null);
    assertEquals(GateResult.Result.PASS, judgeRunning().result());
  }

  /** The next list says whether it was a call; to an excepted port it is one that nobody minds. */
  @Test
  void waitsForAConnectionThatWasSeenOnce() {
    SeenCaller seen =
        new SeenCaller(
            new Caller(new WorkloadRef("legacy", "Deployment", "curl"), "10.0.0.9"),
            8080,
            false,
            false,
            1,
            NOW,
            NOW);
    connections =
        new Connections(
            Map.of(), Map.of(HTTPBIN, List.of(seen)), Map.of(), Map.of(), Map.of(), Set.of());

    GateResult said = judgeRunning();

    assertEquals(Reason.WATCH_TOO_SHORT, said.reason());
    assertEquals(List.of("legacy/curl to foo/httpbin"), said.evidence());
    specs.except("foo", "httpbin", 8080);
    assertEquals(GateResult.Result.PASS, judgeRunning().result());
  }

  @Test
  void holdsForConnectionsThatCannotBeReadAtPresent() {
    connections =
        new Connections(Map.of(), Map.of(), Map.of(), of("the node hangs"), Map.of(), Set.of());

    assertEquals(Reason.NOT_WATCHED, judgeRunning().reason());
  }

  /** Nobody reads connections before; each answer about readiness would be no. */
  @Test
  void doesNotWaitBeforeThePlanRuns() {
    connections =
        new Connections(Map.of(), Map.of(), of("nobody reads"), Map.of(), Map.of(), Set.of());

    assertEquals(GateResult.Result.PASS, judge().result());
  }

  @Test
  void tellsWhatItCannotSeeWhenItPasses() {
    connections =
        new Connections(Map.of(), Map.of(), Map.of(), Map.of(), of("there is no curl"), Set.of());

    GateResult said = judgeRunning();

    assertEquals(GateResult.Result.PASS, said.result());
    assertTrue(said.evidence().getFirst().contains("foo/httpbin: there is no curl"));
  }

  /** Metrics name no kind: the exception of one is none of the other's, but lines are of a pod. */
  @Test
  void anExceptionCoversNoOtherKindOfTheSameName() {
    specs.except("foo", "httpbin", null);
    foo =
        Worlds.injected("foo")
            .with(sidecarPod("db-0").of("StatefulSet", "httpbin").label("app", "db").ports(8080));
    watched.put(
        new WorkloadRef("foo", "StatefulSet", "httpbin"), Watch.from(NOW.minus(WINDOW), true));
    counted(8080);
    assertEquals(GateResult.Result.PASS, judge().result(), judge()::message);
    counted(0);

    GateResult said = judge();

    assertEquals(Reason.PLAINTEXT_CLIENTS, said.reason());
    assertTrue(said.evidence().getFirst().contains("Deployment, StatefulSet"), said::toString);
    specs.except("foo", "db", null);
    assertEquals(GateResult.Result.PASS, judge().result(), judge()::message);
  }

  /** A label renames a workload in metrics: its plaintext is told of one that has an exception. */
  @Test
  void anExceptionCoversNoWorkloadThatALabelGivesTheSameName() {
    specs.except("foo", "httpbin", null);
    foo =
        Worlds.injected("foo")
            .with(sidecarPod("canary").label("service.istio.io/workload-name", "httpbin"));
    counted(0);

    GateResult said = judge();

    assertEquals(Reason.PLAINTEXT_CLIENTS, said.reason());
    assertTrue(
        said.evidence().getFirst().contains("Deployment, Deployment canary"), said::toString);
    specs.except("foo", "canary", null);
    assertEquals(GateResult.Result.PASS, judge().result(), judge()::message);
  }

  /**
   * What metrics say of a workload that is scaled to zero is not excused by another's exception.
   */
  @Test
  void anExceptionCoversNoWorkloadThatIsGoneAndWhoseNameALabelTakes() {
    foo =
        namespace("foo")
            .label("istio-injection", "enabled")
            .with(sidecarPod("canary").label("service.istio.io/workload-name", "httpbin"));
    counted(0);
    specs.except("foo", "canary", null);

    assertEquals(Reason.PLAINTEXT_CLIENTS, judge().reason(), judge()::message);
  }

  /** Who writes an EndpointSlice by hand names no pod in it. */
  @Test
  void aServerBehindAnAddressIsWatchedToo() {
    foo =
        Worlds.injected("foo")
            .with(sidecarPod("echo").ip("10.0.0.7").otherIps("fd00::7"))
            .with(service("echo").selector(Map.of()).port(9000, 9000))
            .with(
                new EndpointSlice(
                    new ObjectRef("EndpointSlice", "foo", "echo"),
                    "echo",
                    List.of(new EndpointSlice.Endpoint(List.of("fd00::7"), "", true)),
                    List.of(new EndpointSlice.Port("", 9000, "TCP"))));

    GateResult said = judge();

    assertEquals(Reason.NOT_WATCHED, said.reason());
    assertTrue(said.message().contains("foo/echo"), said.message());
  }

  @Test
  void aGatewayDoesNotHideAnotherKindOfItsName() {
    foo =
        namespace("foo")
            .with(
                MeshBuilders.gatewayPod("httpbin"),
                sidecarPod("httpbin-0").of("StatefulSet", "httpbin").ports(8080));
    counted(0);

    assertEquals(Reason.PLAINTEXT_CLIENTS, judge().reason());
  }

  /** Lines of calls to the excepted port are more than were counted: one may be another one's. */
  private GateResult judge(LinesRead lines) {
    specs.except("foo", "httpbin", 8080);
    plaintext("curl");
    Edge call = edges.removeFirst();
    SeenCaller seen =
        new SeenCaller(call.client(), 8080, true, false, 9, call.firstSeen(), call.lastSeen());
    edges.add(
        new Edge(
            Caller.UNKNOWN,
            HTTPBIN,
            0,
            "http",
            Edge.Security.PLAINTEXT,
            8,
            0,
            NOW,
            NOW,
            "prometheus"));
    TrafficReading counted = new Seen().traffic(WINDOW);
    CallerRecord callers =
        new CallerRecord() {
          @Override
          public List<SeenCaller> plaintext(WorkloadRef server, Instant from, Instant to) {
            return List.of(seen);
          }

          @Override
          public LinesRead lines(WorkloadRef server) {
            return lines;
          }
        };
    QuietObservation observation =
        new Seen() {
          @Override
          public TrafficReading traffic(Duration window) {
            return new TrafficWithCallers((now, asked) -> counted, callers, Duration.ofMinutes(1))
                .read(NOW, window);
          }
        };
    return new PlaintextCheck().evaluate(observation.context(specs.spec(), step));
  }

  @Test
  void passesBesideAnExceptedPortWhenEachLineWasRead() {
    assertEquals(
        GateResult.Result.PASS, judge(new LinesRead(Instant.EPOCH, NOW, NOW, "")).result());
  }

  @Test
  void holdsBesideAnExceptedPortWhileLinesAreMissing() {
    GateResult said = judge(new LinesRead(NOW.minusSeconds(5), NOW, NOW, "the log was full"));

    assertEquals(GateResult.Result.INCONCLUSIVE, said.result());
    assertEquals(Reason.WATCH_TOO_SHORT, said.reason());
    assertTrue(said.message().contains("the log was full"), said.message());
  }

  private static LinesRead again(Set<LineLoss> lost) {
    Map<LineLoss, LinesRead.Gap> gaps = new EnumMap<>(LineLoss.class);
    lost.forEach(
        kind ->
            gaps.put(
                kind,
                new LinesRead.Gap(NOW.minusSeconds(5), NOW.minusSeconds(8), "a gap " + kind)));
    return new LinesRead(NOW.minusSeconds(5), gaps, NOW, NOW, "the latest gap");
  }

  static Stream<Arguments> losses() {
    return Stream.of(
        argumentSet("a log that is rotated", LineLoss.NOT_KEPT, Reason.LOGS_NOT_KEPT),
        argumentSet("a format", LineLoss.FORMAT, Reason.LOG_FORMAT_INCOMPLETE),
        argumentSet("a filter", LineLoss.LEFT_OUT, Reason.LOG_FORMAT_INCOMPLETE),
        argumentSet("pods that end", LineLoss.POD_ENDED, Reason.PODS_END_EARLY),
        argumentSet("clients that hide", LineLoss.HIDDEN, Reason.CALLERS_UNTOLD),
        argumentSet("clients that flood", LineLoss.FLOODED, Reason.CALLERS_UNTOLD),
        argumentSet("too many clients", LineLoss.TOO_MANY_CLIENTS, Reason.CALLERS_UNTOLD));
  }

  /** What is lost again and again is told by its kind, with its remedy and no time. */
  @ParameterizedTest
  @MethodSource("losses")
  void saysThatWaitingMendsNothingWhereLinesAreLostAgainAndAgain(LineLoss kind, Reason reason) {
    GateResult said = judge(again(EnumSet.of(kind)));

    assertEquals(reason, said.reason());
    assertEquals(GateResult.Result.INCONCLUSIVE, said.result());
    assertFalse(said.message().contains("at the earliest"), said.message());
    assertTrue(said.message().contains("a gap " + kind), said.message());
    assertTrue(said.message().contains(kind.remedy()), said.message());
  }

  @Test
  void whatAnyClientCanCauseHidesNothingThatSomebodyCanMend() {
    assertEquals(Reason.LOGS_NOT_KEPT, judge(again(EnumSet.allOf(LineLoss.class))).reason());
    assertTrue(TimedReasons.has(Reason.CALLERS_UNTOLD));
    assertFalse(TimedReasons.has(Reason.LOGS_NOT_KEPT));
  }

  /** By the name of its workload, one server would speak for all. */
  @Test
  void aServerWhoseClientsHideSpeaksForNoOther() {
    servesEcho();
    watched.put(
        ECHO,
        new Watch(
            NOW.minusSeconds(5), true, null, "hidden", List.of(), null, NOW, LineLoss.HIDDEN));
    watched.put(
        HTTPBIN,
        new Watch(
            NOW.minusSeconds(5), true, null, "full", List.of(), null, NOW, LineLoss.NOT_KEPT));

    GateContext context = new Seen().context(specs.spec(), step);
    List<Hold> holds = new ArrayList<>();
    new HoldFacts().of(context, judge(), holds);

    assertEquals(Reason.LOGS_NOT_KEPT, judge().reason());
    assertEquals(
        List.of(Reason.LOGS_NOT_KEPT),
        holds.stream().map(hold -> ((Hold.Judged) hold).result().reason()).toList());
  }

  @Test
  void holdsBesideAnExceptedPortWhileLinesAreOld() {
    Instant old = NOW.minus(Duration.ofHours(1));

    GateResult said = judge(new LinesRead(Instant.EPOCH, old, NOW, ""));

    assertEquals(Reason.EVIDENCE_UNAVAILABLE, said.reason());
    assertEquals(GateResult.Result.INCONCLUSIVE, said.result());
  }

  /** It may go to the excepted port, and nobody knows: the log tells when it has ended. */
  @Test
  void anOpenConnectionHoldsBesideAnExceptedPortAndSaysWhatHelps() {
    specs.except("foo", "httpbin", 9090);
    plaintext("curl");
    Edge seen = edges.removeFirst();
    edges.add(
        new Edge(
            seen.client(),
            HTTPBIN,
            0,
            "tcp",
            Edge.Security.PLAINTEXT,
            1,
            0,
            seen.firstSeen(),
            seen.lastSeen(),
            "prometheus",
            1));

    GateResult said = judge();

    assertEquals(GateResult.Result.FAIL, said.result());
    String evidence = said.evidence().getFirst();
    assertTrue(evidence.contains("to which port is not told while it is open"), evidence);
  }

  @Test
  void holdsUntilAServerThatWasInjectedSixSecondsAgoWasWatchedForTheWindow() {
    watched.put(HTTPBIN, Watch.from(NOW.minusSeconds(6), true));

    GateResult said = judge();

    assertEquals(GateResult.Result.INCONCLUSIVE, said.result());
    assertEquals(Reason.WATCH_TOO_SHORT, said.reason());
    Instant enough = NOW.minusSeconds(6).plus(WINDOW);
    assertTrue(said.message().contains("foo/httpbin"), said.message());
    assertTrue(said.message().contains("at " + enough + " at the earliest"), said.message());
  }

  @Test
  void holdsForAServerThatNobodyWatchesBesideOneThatIs() {
    servesEcho();
    watched.put(
        ECHO, new Watch(null, false, Evidence.Reason.NOT_CONFIGURED, "echo is not scraped"));

    GateResult said = judge();

    assertEquals(Reason.NOT_WATCHED, said.reason());
    assertTrue(said.message().contains("foo/echo"), said.message());
    assertTrue(said.message().contains("echo is not scraped"), said.message());
  }

  @Test
  void holdsForAServerThatTheSourceDoesNotKnow() {
    servesEcho();

    assertEquals(Reason.NOT_WATCHED, judge().reason());
  }

  @Test
  void holdsForAServerWithoutOneSampleBesideOneThatIsCalled() {
    servesEcho();
    watched.put(ECHO, Watch.from(NOW.minus(WINDOW), false));

    GateResult said = judge();

    assertEquals(Reason.NO_SAMPLES, said.reason());
    assertTrue(said.message().contains("foo/echo"), said.message());
  }

  @Test
  void takesSilenceForNoneWhereThePlanSaysSoAndTheServerIsWatched() {
    servesEcho();
    specs.noSamples(PlanSpec.NoSamples.PASS);
    watched.put(ECHO, Watch.from(NOW.minus(WINDOW), false));
    assertEquals(GateResult.Result.PASS, judge().result());

    watched.put(ECHO, Watch.from(NOW.minusSeconds(1), false));

    assertEquals(Reason.WATCH_TOO_SHORT, judge().reason());
  }

  @Test
  void doesNotWaitForWhatAnExceptionLeavesOpen() {
    servesEcho();
    specs.except("foo", "echo", null);

    assertEquals(GateResult.Result.PASS, judge().result());
  }

  @Test
  void holdsForEverWhereTheSourceKeepsDataForTooShortATime() {
    watched.put(
        HTTPBIN,
        new Watch(NOW.minusSeconds(5), true, Evidence.Reason.RETENTION_TOO_SHORT, "kept for 5 s"));

    GateResult said = judge();

    assertEquals(Reason.EVIDENCE_UNAVAILABLE, said.reason());
    assertTrue(said.message().contains("kept for 5 s"), said.message());
  }

  @Test
  void doesNotCountTheTimeInWhichStrictRefusedEverybody() {
    step = step.withOpenSince(NOW.minusSeconds(6));

    GateResult said = judge();

    assertEquals(Reason.STRICT_WITHIN_WINDOW, said.reason());
    assertTrue(said.message().contains("2026-"), said.message());
  }

  @Test
  void holdsWhenACronJobWithoutAProxyRunsMoreRarelyThanTheWindowIsLong() {
    legacy = Worlds.legacy().with(ns -> job(ns, WINDOW.plusSeconds(1)));

    GateResult said = judge();

    assertEquals(Reason.CRON_JOB_PERIOD, said.reason());
    assertEquals(GateResult.Result.INCONCLUSIVE, said.result());
    assertTrue(said.message().contains("legacy/report"), said.message());
  }

  @Test
  void holdsWhenACronJobsScheduleCannotBeReadAndSaysWhatHelps() {
    legacy = Worlds.legacy().with(ns -> job(ns, JobTemplate.UNKNOWN_PERIOD));

    GateResult said = judge();

    assertEquals(Reason.CRON_JOB_PERIOD, said.reason());
    assertEquals(GateResult.Result.INCONCLUSIVE, said.result());
    assertEquals(
        "the window does not show every client: CronJob legacy/report, which has no proxy, has a"
            + " schedule that cannot be read, and may run more rarely than any window shows; lengthen"
            + " it, or write the schedule in five fields, give those pods a proxy, or name them in"
            + " ignoreClients when they call nobody here",
        said.message());
  }

  @Test
  void doesNotHoldForACronJobThatRunsOftenEnoughOrThatThePlanIgnores() {
    legacy = Worlds.legacy().with(ns -> job(ns, WINDOW));
    assertEquals(GateResult.Result.PASS, judge().result());

    legacy = Worlds.legacy().with(ns -> job(ns, Duration.ofDays(7)));
    specs.ignore(new PlanSpec.IgnoredClient(null, "legacy/report"));

    assertEquals(GateResult.Result.PASS, judge().result());
  }

  private static JobTemplate job(String namespace, Duration period) {
    return cronJob(namespace, "report", period);
  }
}
