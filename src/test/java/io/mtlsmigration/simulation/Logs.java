// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.fabric8.kubernetes.api.model.NodeList;
import io.fabric8.kubernetes.api.model.NodeListBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.mtlsmigration.Absent;
import io.mtlsmigration.kubernetes.logs.AccessLogCallers;
import io.mtlsmigration.kubernetes.logs.AccessLogRefusals;
import io.mtlsmigration.kubernetes.logs.AddressHistory;
import io.mtlsmigration.kubernetes.logs.ClusterNodes;
import io.mtlsmigration.kubernetes.logs.LogSource;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.testing.SameThread;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The access logs of sidecars and of the ztunnel, as kubelets give them out: a line of each call in
 * plaintext that was taken or refused, in Istio's own format. They rotate, break off, and hold
 * lines of which nobody can tell who called.
 */
final class Logs {

  /** Seconds, at first; of a long log only what fits into an answer is made up. */
  private static final long WRITTEN_AT_ONCE = 3_600;

  private static final List<Line> NOTHING = List.of();

  private static final NodeList NO_NODES =
      new NodeListBuilder().withNewMetadata().endMetadata().build();

  private static final long BYTES = 4 << 20;

  private static final int TIMES = 1024;

  private static final String PODS = "/api/v1/namespaces/";

  /** As the service has it. */
  private static final Duration LOOK_BACK = Duration.ofMinutes(15);

  private static final Set<Phase> WATCHED =
      EnumSet.of(Phase.LOCKING, Phase.VERIFYING, Phase.ROLLING_BACK);

  /** Calls through something that is no proxy of the mesh, and says for whom it calls. */
  static final String FORWARDED = "outside-forwarded";

  /** Writes a quote into its lines, which nobody can read then. */
  static final String ODD = "outside-odd";

  private final World world;

  /** Whether who called is read of. */
  boolean callers;

  /** Whether who was refused is. */
  boolean refusals;

  /** Whether that is read every few seconds, and the lines of mutual TLS are there as well. */
  boolean whole;

  /** When the file of a workload's proxies was last begun anew. */
  private final Map<String, Long> begun = new HashMap<>();

  /** Times in which a workload's proxies wrote nothing. */
  private final Map<String, List<long[]>> mute = new HashMap<>();

  /** What is written of each call that a receiver takes: of one flow and one client. */
  private final IdentityHashMap<Calls.Receiver, String> texts = new IdentityHashMap<>();

  /** Times of lines, by their hash: they are asked for again, as where to go on. */
  private final @Nullable String[] written = new String[TIMES];

  private final long[] seconds = new long[TIMES];

  private static final String REJECTED =
      " error=\"connection closed due to policy rejection: explicitly denied by:"
          + " istio-system/istio_converted_static_strict\"";

  /** The first of the lines that a proxy's agent writes as it starts. */
  private static final String STARTED =
      "2026-06-01T00:00:00.000000Z\tinfo\tFLAG: --concurrency=\"0\"";

  private record Line(long at, String text) {}

  Logs(World world) {
    this.world = world;
  }

  void rotate(String workload) {
    begun.put(workload, world.now());
  }

  void mute(String workload) {
    mute.computeIfAbsent(workload, w -> new ArrayList<>())
        .add(new long[] {world.now(), Long.MAX_VALUE});
  }

  void heal() {
    mute.values().forEach(all -> all.forEach(m -> m[1] = Math.min(m[1], world.now())));
  }

  /** Where one process reads, and whose addresses it knows. */
  LogSource source(Replica replica) {
    KubernetesClient client =
        (KubernetesClient)
            Proxy.newProxyInstance(
                Logs.class.getClassLoader(),
                new Class<?>[] {KubernetesClient.class},
                (proxy, method, given) -> {
                  if (method.getName().equals("raw")) {
                    return answer((String) given[0]);
                  }
                  return nodes(method.getReturnType());
                });
    return new LogSource(
        client,
        replica,
        new ClusterNodes(client, replica.clock()),
        new AddressHistory(AccessLogCallers.RETAINED, Replica.LIMITS.watchGap()),
        Cluster.ROOT,
        atOnce -> new SameThread());
  }

  /** The reader of one process of who called. */
  AccessLogCallers reader(Replica replica) {
    return new AccessLogCallers(
        source(replica),
        (pod, port, request) -> {
          throw new AssertionError("nobody asks what is open");
        },
        () -> AccessLogCallers.Gates.NONE,
        Absent.OWN_PROBES,
        replica.clock(),
        BYTES);
  }

  /** The reader of one process of who was refused. */
  AccessLogRefusals refusals(Replica replica) {
    return new AccessLogRefusals(
        source(replica), () -> watched(replica), Absent.OWN_PROBES, replica.clock(), LOOK_BACK);
  }

  /** Those whose locks are made, judged or taken back; all that have proxies for the mesh step. */
  Set<String> watched(Replica replica) {
    Set<String> namespaces = new HashSet<>();
    world.book.plans().keySet().stream()
        .flatMap(plan -> world.book.steps(plan).stream())
        .filter(step -> WATCHED.contains(step.phase()))
        .forEach(
            step -> {
              if (step.key().isMesh()) {
                replica.view().facts.namespaces().values().stream()
                    .filter(facts -> facts.capturedPods() > 0)
                    .forEach(facts -> namespaces.add(facts.name()));
              } else {
                namespaces.add(step.key().namespace());
              }
            });
    return namespaces;
  }

  /** There are none that anybody is told of. */
  private static Object nodes(Class<?> type) {
    return Proxy.newProxyInstance(
        Logs.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, given) -> NO_NODES);
  }

  private static String parameter(String path, String name) {
    int from = path.indexOf(name + "=") + name.length() + 1;
    int to = path.indexOf('&', from);
    return path.substring(from, to < 0 ? path.length() : to);
  }

  /** {@code /api/v1/namespaces/foo/pods/httpbin-1/log?…}; null when there is no such pod. */
  private @Nullable String answer(String path) {
    if (world.scrapes.areLogsDown() || !world.api.answers()) {
      throw new KubernetesClientException("the kubelet does not answer", 503, null);
    }
    int named = path.indexOf('/', PODS.length());
    Cluster.Namespace namespace = world.cluster.find(path.substring(PODS.length(), named));
    if (namespace == null) {
      return null;
    }
    int of = named + "/pods/".length();
    String name = path.substring(of, path.indexOf('/', of));
    long since = second(parameter(path, "sinceTime"));
    int limit = Integer.parseInt(parameter(path, "limitBytes"));
    for (Workload workload : namespace.workloads.values()) {
      for (Pod pod : workload.pods) {
        if (pod.name().equals(name)) {
          Workload.Life life = workload.life(pod.name(), Long.MAX_VALUE);
          if (path.endsWith("&previous=true") && life != null) {
            life = workload.before(life);
          }
          return life == null || life.from() > world.now()
              ? null
              : text(workload, life, since, limit);
        }
      }
    }
    return null;
  }

  /** Mostly the time of a line that was read. */
  private long second(String time) {
    int place = Math.floorMod(time.hashCode(), TIMES);
    return time.equals(written[place])
        ? seconds[place]
        : ChronoUnit.SECONDS.between(World.START, Instant.parse(time));
  }

  private String time(long second) {
    String time = World.START.plusSeconds(second).toString();
    int place = Math.floorMod(time.hashCode(), TIMES);
    written[place] = time;
    seconds[place] = second;
    return time;
  }

  private String text(Workload workload, Workload.Life life, long since, int limit) {
    long begin = Math.max(since - 1, begun.getOrDefault(workload.id(), Long.MIN_VALUE));
    long from = Math.max(begin, life.from() - 1);
    long to = Math.min(world.now(), life.to());
    StringBuilder text = new StringBuilder();
    long length = WRITTEN_AT_ONCE;
    for (long at = from; at < to && text.length() <= limit; ) {
      long end = Math.min(to, at + length);
      int before = text.length();
      for (Line line : muted(workload, at, end) ? NOTHING : lines(workload, life, at, end)) {
        text.append(time(line.at())).append(' ').append(line.text()).append('\n');
      }
      // A silent log is asked for the same time for weeks.
      length = text.length() == before ? 2 * length : WRITTEN_AT_ONCE;
      at = end;
    }
    text.setLength(Math.min(limit, text.length()));
    return text.toString();
  }

  /** Returns whether nothing was written then. */
  private boolean muted(Workload workload, long from, long to) {
    List<long[]> times = mute.get(workload.id());
    return times != null && times.stream().anyMatch(m -> m[0] <= from + 1 && to < m[1]);
  }

  /** Returns what was written after {@code from} and up to {@code to}, in order. */
  private List<Line> lines(Workload workload, Workload.Life life, long from, long to) {
    List<Line> lines = new ArrayList<>();
    if (from < life.from() && life.from() <= to) {
      lines.add(new Line(life.from(), STARTED));
    }
    if (Ztunnel.is(workload.id())) {
      world.calls().flows().stream()
          .filter(flow -> flow.ambient)
          .forEach(flow -> flow(flow, DataPlane.AMBIENT, life.node(), from, to, lines));
      held(life.node(), from, to, lines);
    } else {
      world
          .calls()
          .to(workload)
          .forEach(flow -> flow(flow, DataPlane.SIDECAR, life.pod(), from, to, lines));
    }
    List<long[]> silent = mute.getOrDefault(workload.id(), List.of());
    if (!silent.isEmpty()) {
      lines.removeIf(line -> silent.stream().anyMatch(m -> m[0] <= line.at() && line.at() < m[1]));
    }
    lines.sort(Comparator.comparingLong(Line::at));
    return lines;
  }

  /** Whether the proxy of a workload wrote nothing at a time. */
  boolean mute(Workload workload, long at) {
    String id = workload.dataPlane == DataPlane.AMBIENT ? Ztunnel.ID : workload.id();
    return mute.getOrDefault(id, List.of()).stream().anyMatch(m -> m[0] <= at && at < m[1]);
  }

  /** Whether a log of a subject was begun anew since a time, or had been, with its proxy. */
  boolean broken(String subject, long from) {
    for (Workload workload : world.cluster.everyWorkload()) {
      boolean about =
          subject.equals("mesh") || workload.namespace.equals(subject) || Ztunnel.is(workload.id());
      if (about
          && (begun.getOrDefault(workload.id(), Long.MIN_VALUE) >= from
              || workload.lives.stream()
                  .anyMatch(
                      life ->
                          life.from() >= from
                              || (life.to() >= from && life.to() != Long.MAX_VALUE)))) {
        return true;
      }
    }
    return false;
  }

  /**
   * Of calls in plaintext, which a sidecar's pod or the ztunnel took or refused; of others that
   * were taken where logs are whole.
   */
  private void flow(
      Calls.Flow flow, DataPlane plane, String by, long from, long to, List<Line> lines) {
    // From the last one back: a flow has hundreds, and mostly the newest lines are asked for.
    for (int i = flow.stretches.size() - 1; i >= 0; i--) {
      Calls.Stretch stretch = flow.stretches.get(i);
      if (stretch.to() <= from) {
        break;
      }
      for (Calls.Receiver receiver : stretch.receivers()) {
        boolean own = by.equals(plane == DataPlane.AMBIENT ? receiver.node() : receiver.pod());
        if (own && receiver.dataPlane() == plane && written(receiver)) {
          long first = Math.max(from, stretch.from());
          long last = Math.min(to, stretch.to());
          for (long at = flow.last(first, last); at >= 0; at = flow.last(first, at - 1)) {
            lines.add(new Line(at, texts.computeIfAbsent(receiver, r -> line(flow, stretch, r))));
          }
        }
      }
    }
  }

  private boolean written(Calls.Receiver receiver) {
    return receiver.plaintext() || (whole && !receiver.refused());
  }

  /** A connection is told of when it ends. */
  private void held(String node, long from, long to, List<Line> lines) {
    for (Ztunnel.Held held : world.ztunnel.held()) {
      if (held.to() > from && held.to() <= to && held.called().node().equals(node)) {
        String called = held.called().ip() + ":" + Workload.PORT;
        lines.add(new Line(held.to(), ztunnel(ip(held.caller()), called, "")));
      }
    }
  }

  private static String ip(@Nullable Pod client) {
    return client == null ? "203.0.113.7" : client.ip();
  }

  private static String line(Calls.Flow flow, Calls.Stretch stretch, Calls.Receiver receiver) {
    Pod client = stretch.client();
    String server = flow.server.substring(flow.server.indexOf('/') + 1);
    String local = Workload.ip(flow.serverNamespace(), server, receiver.pod()) + ":" + flow.port;
    if (receiver.dataPlane() == DataPlane.AMBIENT) {
      return ztunnel(ip(client), local, receiver.refused() ? REJECTED : tunnelled(receiver));
    }
    return receiver.refused()
        ? refused(ip(client), local)
        : taken(flow, receiver, ip(client), local);
  }

  private static String tunnelled(Calls.Receiver receiver) {
    return receiver.plaintext() ? "" : " src.identity=\"spiffe://cluster.local/ns/foo/sa/default\"";
  }

  private static String ztunnel(String client, String server, String more) {
    return "2026-06-01T00:00:00Z\tinfo\taccess\tconnection complete\tsrc.addr="
        + client
        + ":40000 dst.addr="
        + server
        + " direction=\"inbound\" bytes_sent=9 bytes_recv=9 duration=\"1ms\""
        + more;
  }

  private static String refused(String client, String server) {
    return "[-] \"- - -\" 0 NR filter_chain_not_found - \"-\" 0 0 0 - \"-\" \"-\" \"-\" \"-\" \"-\""
        + " - - "
        + server
        + " "
        + client
        + ":40000 - -";
  }

  private static String taken(
      Calls.Flow flow, Calls.Receiver receiver, String client, String server) {
    String forwarded = flow.client.equals(FORWARDED) ? "198.51.100.9" : "-";
    String agent = flow.client.equals(ODD) ? "a \" b" : "curl/8";
    return "[-] \"GET /ip HTTP/1.1\" 200 - via_upstream - \"-\" 0 33 1 0 \""
        + forwarded
        + "\" \""
        + agent
        + "\" \"4f\" \"httpbin\" \""
        + server
        + "\" inbound|"
        + flow.port
        + "|| 127.0.0.6:33145 "
        + server
        + " "
        + client
        + ":40000 "
        + (receiver.plaintext() ? "-" : "outbound_.8000_._." + flow.server.replace('/', '.'))
        + " default";
  }
}
