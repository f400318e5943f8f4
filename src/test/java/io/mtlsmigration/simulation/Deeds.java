// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.mesh.CronRuns;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.JobTemplate;
import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectMeta;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.RunPeriod;
import io.mtlsmigration.mesh.Telemetry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The words of a history, and what each does to the world. Whatever does not apply (a namespace
 * that is gone, a command that is not allowed) does nothing, so that any line may be left out.
 */
final class Deeds {

  private final World world;
  private final List<String> words;

  private Deeds(World world, List<String> words) {
    this.world = world;
    this.words = words;
  }

  static void act(World world, List<String> words) {
    new Deeds(world, words).act();
  }

  private String word(int at) {
    return words.get(at);
  }

  private long number(int at) {
    return Long.parseLong(words.get(at));
  }

  private void act() {
    switch (word(0)) {
      case "namespace", "delete-namespace", "terminate" -> namespace();
      case "node", "drain", "surge" -> node();
      case "workload", "scale", "restart", "inject", "evict", "reboot", "relabel", "listeners" ->
          workload();
      case "cronjob", "uncron", "suspend", "resume-cron" -> cronJob();
      case "calls" -> world.calls().begin(word(1), word(2), number(3));
      case "sticky" -> world.calls().stick();
      case "quiet" -> world.calls().end(word(1), word(2));
      case "policy", "unpolicy" -> policy();
      case "rule", "unrule" -> rule();
      case "auto-mtls" -> world.cluster.autoMtls(word(1).equals("on"));
      case "istiod", "holds", "lets-go" -> ambient();
      case "slow" -> world.proxies.slow(word(1), number(2));
      case "stuck" -> world.proxies.stick(word(1));
      case "watch", "clock", "lead", "usurp", "vacant" -> processes();
      case "webhook-refuses",
          "api-down",
          "read-only",
          "lose-answer",
          "lose-request",
          "conflict",
          "ledger-read-only",
          "ledger-lose-answer",
          "ledger-lose-request",
          "ledger-conflict" ->
          api();
      case "telemetry" -> telemetry();
      case "dryrun" -> world.dryRuns.occupy(word(1));
      case "blunt" -> world.dryRuns.blunt(word(1));
      case "undryrun" -> world.dryRuns.delete(word(1));
      case "hole",
          "prometheus-down",
          "prometheus-younger",
          "prometheus-pair",
          "prometheus-shards",
          "prometheus-partial",
          "logs-down" ->
          evidence();
      case "logs", "rotate", "mute" -> logs();
      case "streams", "ends", "unlisted" -> streams();
      case "heal" -> heal();
      case "close" -> {} // it is judged as it is by then
      default -> Commands.act(world, words);
    }
  }

  private void namespace() {
    Cluster.Namespace known = world.cluster.find(word(1));
    switch (word(0)) {
      case "namespace" -> {
        if (known == null) {
          world.cluster.create(word(1), words.size() > 2);
          world.judge.born(word(1));
        }
      }
      case "terminate" -> {
        if (known != null) {
          known.terminating = true;
          world.judge.facts(word(1));
          world.cluster.changed(word(1));
        }
      }
      default -> {
        if (known != null) {
          long now = world.now();
          known.workloads.values().forEach(w -> w.restart(0, now, world.instant()));
          world.dryRuns.died(word(1));
          world.cluster.remove(word(1));
          world.judge.died(word(1));
        }
      }
    }
  }

  private static DataPlane plane(String word) {
    return switch (word) {
      case "sidecar" -> DataPlane.SIDECAR;
      case "ambient" -> DataPlane.AMBIENT;
      default -> DataPlane.NONE;
    };
  }

  /** {@code istiod new}, {@code istiod restarts}, {@code holds legacy/curl foo/httpbin}. */
  private void ambient() {
    switch (word(0)) {
      case "holds" -> world.ztunnel.holds(word(1), word(2));
      case "lets-go" -> world.ztunnel.letsGo(word(1), word(2));
      default -> {
        world.ztunnel.restarts(word(1).equals("new"));
        world.cluster.all().forEach(namespace -> world.judge.facts(namespace.name));
      }
    }
  }

  private List<String> nodes(String id) {
    return Ztunnel.is(id) ? List.of(Ztunnel.node(id)) : world.cluster.nodes;
  }

  /**
   * {@code node node-b} is there from now on; {@code drain node-b} ends it, and all pods there;
   * {@code surge istio-system/ztunnel-b 90} puts another ztunnel beside the one there, which runs
   * and takes over a while later.
   */
  private void node() {
    if (word(0).equals("node")) {
      world.cluster.nodes.add(word(1));
    } else if (word(0).equals("surge")) {
      Workload ztunnel = world.cluster.workload(word(1));
      if (ztunnel != null && ztunnel.pods.size() == 1) {
        Pod next = ztunnel.surge(world.instant());
        world.cluster.changed(Cluster.ROOT);
        world.later(
            number(2),
            () -> {
              ztunnel.takesOver(next, world.now());
              world.cluster.changed(Cluster.ROOT);
            });
      }
    } else if (world.cluster.nodes.size() > 1 && world.cluster.nodes.remove(word(1))) {
      for (Cluster.Namespace namespace : world.cluster.all()) {
        namespace.workloads.values().forEach(w -> w.drain(word(1), world.now(), world.instant()));
        world.cluster.changed(namespace.name);
        world.judge.facts(namespace.name);
      }
    }
  }

  /** {@code workload foo/httpbin sidecar 2 [9090]}; those named curl and ztunnel do not serve. */
  private void workload() {
    String[] id = word(1).split("/");
    Cluster.Namespace namespace = world.cluster.find(id[0]);
    if (namespace == null || namespace.terminating) {
      return;
    }
    Workload known = namespace.workloads.get(id[1]);
    if (word(0).equals("workload") && known == null) {
      boolean serves = !id[1].startsWith("curl") && !id[0].equals(Cluster.ROOT);
      known = new Workload(id[0], id[1], plane(word(2)), serves, world.instant(), nodes(word(1)));
      known.second = words.size() > 4;
      if (namespace.telemetry != null) {
        known.counting(false, world.now());
      }
      namespace.workloads.put(id[1], known);
      known.restart((int) number(3), world.now(), world.instant());
    } else if (known == null || word(0).equals("workload")) {
      return;
    } else if (word(0).equals("evict")) {
      known.evict(world.now(), world.instant());
    } else if (word(0).equals("reboot")) {
      known.reboot(world.now());
    } else if (word(0).equals("relabel")) {
      known.relabel(word(2));
    } else if (word(0).equals("listeners")) {
      known.dropsCounters(world.now()); // as an AuthorizationPolicy does, or an EnvoyFilter
    } else {
      int replicas = word(0).equals("scale") ? (int) number(2) : Math.max(1, known.pods.size());
      known.dataPlane = word(0).equals("inject") ? plane(word(2)) : known.dataPlane;
      known.restart(replicas, world.now(), world.instant());
    }
    world.cluster.changed(id[0]);
    world.judge.facts(id[0]);
  }

  /**
   * {@code cronjob legacy/nightly 86400 foo/httpbin}: a pod without a proxy that lives for a minute
   * and calls meanwhile, so many seconds apart. {@code uncron} ends it, {@code suspend} keeps it
   * from running until {@code resume-cron}.
   */
  private void cronJob() {
    String[] id = word(1).split("/");
    Cluster.Namespace namespace = world.cluster.find(id[0]);
    if (namespace == null) {
      return;
    }
    JobTemplate job = namespace.jobs.get(id[1]);
    if (word(0).equals("uncron")) {
      namespace.jobs.remove(id[1]);
    } else if (word(0).equals("suspend") && job != null && job.runs() != null) {
      CronRuns runs = job.runs();
      namespace.suspended.put(
          id[1],
          new CronRuns(
              runs.period(), runs.madeAt(), runs.scheduledAt(), false, runs.succeededAt()));
      namespace.jobs.put(id[1], MeshBuilders.cronJob(id[0], id[1], (CronRuns) null));
    } else if (word(0).equals("resume-cron") && job != null && job.runs() == null) {
      namespace.since.put(id[1], world.now());
      namespace.jobs.put(
          id[1], MeshBuilders.cronJob(id[0], id[1], namespace.suspended.remove(id[1])));
    } else if (word(0).equals("cronjob") && job == null) {
      Duration period = Duration.ofSeconds(number(2));
      Instant never = Instant.EPOCH;
      namespace.since.put(id[1], world.now());
      namespace.jobs.put(
          id[1],
          MeshBuilders.cronJob(
              id[0],
              id[1],
              new CronRuns(RunPeriod.of(period), world.instant(), never, false, never)));
      namespace.workloads.put(
          id[1],
          new Workload(id[0], id[1], DataPlane.NONE, false, world.instant(), world.cluster.nodes));
      world.calls().begin(word(1), word(3), 20);
      world.later(number(2), () -> runs(namespace, id[1], number(2)));
    }
    world.cluster.changed(id[0]);
  }

  private void runs(Cluster.Namespace namespace, String name, long period) {
    Workload job = namespace.workloads.get(name);
    JobTemplate made = namespace.jobs.get(name);
    if (made == null || job == null) {
      return;
    }
    world.later(period, () -> runs(namespace, name, period));
    CronRuns runs = made.runs();
    if (runs == null) {
      return;
    }
    Instant begun = world.instant();
    namespace.jobs.put(
        name,
        cron(made, new CronRuns(runs.period(), runs.madeAt(), begun, true, runs.succeededAt())));
    job.restart(1, world.now(), world.instant());
    world.cluster.changed(namespace.name);
    world.later(
        60,
        () -> {
          job.restart(0, world.now(), world.instant());
          JobTemplate now = namespace.jobs.get(name);
          if (now != null && now.runs() != null) {
            CronRuns ended =
                new CronRuns(runs.period(), runs.madeAt(), begun, false, world.instant());
            namespace.jobs.put(name, cron(now, ended));
          }
          world.cluster.changed(namespace.name);
        });
  }

  private static JobTemplate cron(JobTemplate job, CronRuns runs) {
    return MeshBuilders.cronJob(job.ref().namespace(), job.ref().name(), runs);
  }

  /** {@code policy foo default STRICT [app=httpbin [9090=PERMISSIVE]]}. */
  private void policy() {
    ObjectRef ref = ObjectRef.peerAuthentication(word(1), word(2));
    PeerAuthentication.Spec spec = word(0).equals("unpolicy") ? null : spec();
    world.api.person(ref, spec);
  }

  private PeerAuthentication.Spec spec() {
    Map<String, String> selector =
        words.size() > 4 ? Map.of("app", word(4).substring(4)) : Map.of();
    Map<Integer, MtlsMode> ports =
        words.size() > 5
            ? Map.of(
                Integer.valueOf(word(5).split("=")[0]), MtlsMode.valueOf(word(5).split("=")[1]))
            : Map.of();
    return new PeerAuthentication.Spec(selector, MtlsMode.valueOf(word(3)), ports);
  }

  /** {@code rule foo httpbin DISABLE}: a DestinationRule in the service's own namespace. */
  private void rule() {
    Cluster.Namespace namespace = world.cluster.find(word(1));
    if (namespace == null) {
      return;
    }
    if (word(0).equals("unrule")) {
      namespace.rules.remove(word(2));
    } else {
      ObjectRef ref = new ObjectRef("DestinationRule", word(1), word(2));
      namespace.rules.put(
          word(2),
          new DestinationRule(
              new ObjectMeta(
                  ref,
                  "uid-" + world.cluster.revision(),
                  world.cluster.revision(),
                  world.instant(),
                  Map.of(),
                  Map.of(),
                  List.of()),
              word(2) + "." + word(1) + ".svc.cluster.local",
              Set.of(),
              Map.of(),
              new DestinationRule.TrafficPolicy(
                  DestinationRule.ClientTlsMode.valueOf(word(3)), false, Map.of()),
              List.of()));
    }
    world.cluster.changed(word(1));
    world.judge.facts(word(1));
  }

  /** {@code telemetry foo off}: sidecars there count nothing as servers; {@code on} ends that. */
  private void telemetry() {
    Cluster.Namespace namespace = world.cluster.find(word(1));
    boolean on = word(2).equals("on");
    if (namespace == null || on == (namespace.telemetry == null)) {
      return;
    }
    namespace.telemetry =
        on
            ? null
            : new Telemetry(
                new ObjectRef("Telemetry", word(1), "quiet"),
                world.instant(),
                null,
                Map.of(),
                false,
                List.of(new Telemetry.Change(Telemetry.Change.ALL, true, false)),
                List.of(),
                null,
                Telemetry.Logging.INHERITED);
    namespace.workloads.values().forEach(workload -> workload.counting(on, world.now()));
    world.cluster.changed(word(1));
    world.judge.facts(word(1));
  }

  private @Nullable Replica replica(int at) {
    return world.replicas.stream().filter(r -> r.name.equals(word(at))).findFirst().orElse(null);
  }

  private void processes() {
    Replica replica = replica(word(0).equals("vacant") ? 2 : 1);
    switch (word(0)) {
      case "clock" -> replica.setClock(number(2));
      case "lead" -> {
        if (!replica.stopped) {
          replica.lead();
        }
      }
      case "usurp" -> {
        Replica old = world.leader();
        if (!replica.stopped && old != replica) {
          replica.usurp();
          world.later(number(2), () -> old.believes &= old.term > replica.term);
        }
      }
      case "vacant" -> world.vacate(number(1), replica);
      default -> watch(replica);
    }
  }

  private void watch(Replica replica) {
    replica.hangs = Long.MAX_VALUE;
    replica.lies = false;
    switch (word(2)) {
      case "hang" -> replica.hangs = world.now();
      case "lie" -> {
        replica.hangs = world.now();
        replica.lies = true;
        // A stream that is behind catches up.
        world.later(number(3), () -> replica.hangs = Long.MAX_VALUE);
      }
      case "policies" -> replica.policiesLag = number(3);
      case "pods" -> replica.podsLag = number(3);
      case "relist" -> {
        replica.hangs = world.now();
        world.later(number(3), () -> replica.hangs = Long.MAX_VALUE);
      }
      default -> replica.lag = number(2);
    }
  }

  private void api() {
    long until = words.size() > 1 ? world.now() + number(1) : 0;
    switch (word(0)) {
      case "webhook-refuses" -> world.api.refusesUntil = until;
      case "api-down" -> {
        world.api.downUntil = until;
        world.book.readOnlyUntil = until;
      }
      case "read-only" -> world.api.readOnlyUntil = until;
      case "lose-answer" -> world.api.loseAnswers++;
      case "lose-request" -> world.api.loseRequests++;
      case "conflict" -> world.api.conflicts++;
      case "ledger-read-only" -> world.book.readOnlyUntil = until;
      case "ledger-lose-answer" -> world.book.loseAnswers++;
      case "ledger-conflict" -> world.book.conflicts++;
      default -> world.book.loseRequests++;
    }
  }

  private void evidence() {
    switch (word(0)) {
      case "hole" -> world.scrapes.hole(word(1));
      case "prometheus-down" -> world.scrapes.down();
      case "prometheus-younger" -> world.scrapes.younger();
      case "prometheus-pair" -> world.scrapes.pair();
      case "prometheus-shards" -> world.scrapes.shards((int) number(1));
      case "prometheus-partial" -> world.scrapes.partial(number(1));
      default -> world.scrapes.logsDown();
    }
  }

  /** {@code logs read}: by whoever leads, from the beginning on; {@code logs refused}: of those. */
  private void logs() {
    switch (word(0)) {
      case "rotate" -> world.logs.rotate(word(1));
      case "mute" -> world.logs.mute(word(1));
      default -> {
        world.logs.callers |= word(1).equals("read");
        world.logs.whole |= word(1).equals("refused");
        world.logs.refusals = true;
      }
    }
  }

  /**
   * {@code streams legacy/curl foo/httpbin} begins one, {@code ends legacy/curl foo/httpbin} ends
   * it; {@code unlisted foo/httpbin}: nobody can list connections there.
   */
  private void streams() {
    switch (word(0)) {
      case "streams" -> world.streams.begin(word(1), word(2));
      case "ends" -> world.streams.end(word(1), word(2));
      default -> world.streams.unlisted(word(1));
    }
  }

  /** All that can be mended without a person's decision is mended. */
  private void heal() {
    world.proxies.heal();
    world.scrapes.mend();
    world.logs.heal();
    world.api.heal();
    world.book.heal();
    for (Replica replica : world.replicas) {
      replica.hangs = Long.MAX_VALUE;
      replica.lies = false;
      replica.lag = 0;
      replica.policiesLag = 0;
      replica.podsLag = 0;
      replica.setClock(0);
    }
    if (world.replicas.stream().noneMatch(r -> r.believes)) {
      world.replicas.getFirst().lead();
    }
  }
}
