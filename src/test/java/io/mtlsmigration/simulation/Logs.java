package io.mtlsmigration.simulation;

import io.fabric8.kubernetes.api.model.NodeListBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.mtlsmigration.kubernetes.logs.AccessLogCallers;
import io.mtlsmigration.kubernetes.logs.AddressHistory;
import io.mtlsmigration.kubernetes.logs.ClusterNodes;
import io.mtlsmigration.kubernetes.logs.LogSource;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.traffic.OwnProbes;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The access logs of sidecars, as kubelets give them out: a line of each call in plaintext that was
 * taken, in Istio's own format. They rotate, break off, and hold lines of which nobody can tell who
 * called.
 */
final class Logs {

  private static final long BYTES = 4 << 20;

  /** Calls through something that is no proxy of the mesh, and says for whom it calls. */
  static final String FORWARDED = "outside-forwarded";

  /** Writes a quote into its lines, which nobody can read then. */
  static final String ODD = "outside-odd";

  private final World world;

  /** Whether anybody reads them. */
  boolean read;

  /** When the file of a workload's proxies was last begun anew. */
  private final Map<String, Long> begun = new HashMap<>();

  /** Times in which a workload's proxies wrote nothing. */
  private final Map<String, List<long[]>> mute = new HashMap<>();

  private record Line(long at, Calls.Flow flow, @Nullable Pod client) {}

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

  /** The reader of one process. */
  AccessLogCallers reader(Replica replica) {
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
    return new AccessLogCallers(
        new LogSource(
            client,
            replica,
            new ClusterNodes(client, replica.clock()),
            new AddressHistory(AccessLogCallers.RETAINED),
            Cluster.ROOT),
        (pod, port, request) -> {
          throw new AssertionError("nobody asks what is open");
        },
        Set::of,
        OwnProbes.NONE,
        replica.clock(),
        BYTES);
  }

  /** There are none that anybody is told of. */
  private static Object nodes(Class<?> type) {
    return Proxy.newProxyInstance(
        Logs.class.getClassLoader(),
        new Class<?>[] {type},
        (proxy, method, given) -> new NodeListBuilder().withNewMetadata().endMetadata().build());
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
    String[] parts = path.split("/");
    Cluster.Namespace namespace = world.cluster.find(parts[4]);
    if (namespace == null) {
      return null;
    }
    long since =
        ChronoUnit.SECONDS.between(World.START, Instant.parse(parameter(path, "sinceTime")));
    int limit = Integer.parseInt(parameter(path, "limitBytes"));
    for (Workload workload : namespace.workloads.values()) {
      for (Pod pod : workload.pods) {
        if (pod.name().equals(parts[6])) {
          return text(workload, pod, since, limit);
        }
      }
    }
    return null;
  }

  private String text(Workload workload, Pod pod, long since, int limit) {
    long from = Math.max(since - 1, begun.getOrDefault(workload.id(), Long.MIN_VALUE));
    List<Line> lines = new ArrayList<>();
    for (Calls.Flow flow : world.calls().flows()) {
      if (flow.server.equals(workload.id())) {
        flow(flow, pod, Math.max(from, workload.began(pod) - 1), lines);
      }
    }
    lines.removeIf(line -> muted(workload, line.at()));
    lines.sort(Comparator.comparingLong(Line::at));
    StringBuilder text = new StringBuilder();
    for (Line line : lines) {
      text.append(World.START.plusSeconds(line.at()))
          .append(' ')
          .append(line(line.flow(), line.client(), pod))
          .append('\n');
      if (text.length() > limit) {
        text.setLength(limit);
        break;
      }
    }
    return text.toString();
  }

  private boolean muted(Workload workload, long at) {
    return mute.getOrDefault(workload.id(), List.of()).stream()
        .anyMatch(m -> m[0] <= at && at < m[1]);
  }

  private static void flow(Calls.Flow flow, Pod pod, long from, List<Line> lines) {
    for (Calls.Stretch stretch : flow.stretches) {
      boolean taken =
          stretch.receivers().stream()
              .anyMatch(
                  r ->
                      r.pod().equals(pod.name())
                          && r.dataPlane() == DataPlane.SIDECAR
                          && r.plaintext()
                          && !r.refused());
      if (taken) {
        long end = Math.max(from, stretch.from());
        for (long at = flow.last(end, stretch.to()); at >= 0; at = flow.last(end, at - 1)) {
          lines.add(new Line(at, flow, stretch.client()));
        }
      }
    }
  }

  private static String line(Calls.Flow flow, @Nullable Pod client, Pod server) {
    String remote = client == null ? "203.0.113.7" : client.ip();
    String local = server.ip() + ":" + flow.port;
    String forwarded = flow.client.equals(FORWARDED) ? "198.51.100.9" : "-";
    String agent = flow.client.equals(ODD) ? "a \" b" : "curl/8";
    return "[-] \"GET /ip HTTP/1.1\" 200 - via_upstream - \"-\" 0 33 1 0 \""
        + forwarded
        + "\" \""
        + agent
        + "\" \"4f\" \"httpbin\" \""
        + local
        + "\" inbound|"
        + flow.port
        + "|| 127.0.0.6:33145 "
        + local
        + " "
        + remote
        + ":40000 - default";
  }
}
