package io.mtlsmigration.kubernetes.logs;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.OwnProbes;
import io.mtlsmigration.traffic.Refusal;
import io.mtlsmigration.traffic.RefusalRecord;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Refusals, from the access logs of servers' sidecars, for the namespaces in which a lock is being
 * made or verified. Needs {@code get} on {@code pods/log}, and access logging in the mesh ({@code
 * accessLogFile}, or a Telemetry); where there is none, nobody can name who was refused, and
 * verification has to go by probes and by what clients' proxies count.
 */
public final class AccessLogRefusals implements RefusalRecord {

  private static final Logger LOG = Logger.getLogger(AccessLogRefusals.class);

  private static final String PROXY = "istio-proxy";

  /** Of one pod's log in one reading; a busier proxy is read from where this ends. */
  private static final int MAX_BYTES = 1 << 20;

  /** Per namespace; who floods a server shall not fill our memory. */
  private static final int KEPT = 1_000;

  private final KubernetesClient client;
  private final Inventory inventory;
  private final Supplier<Set<String>> focus;
  private final OwnProbes probes;
  private final Clock clock;
  private final Duration lookBack;

  /** When the last line of a pod, by its UID, was written. */
  private final Map<String, Instant> readUpTo = new HashMap<>();

  private final Map<String, Deque<Refusal>> refusals = new ConcurrentHashMap<>();

  /**
   * @param focus namespaces whose logs are worth reading now
   * @param lookBack how far back a log is read when a namespace comes into focus
   */
  public AccessLogRefusals(
      KubernetesClient client,
      Inventory inventory,
      Supplier<Set<String>> focus,
      OwnProbes probes,
      Clock clock,
      Duration lookBack) {
    this.client = client;
    this.inventory = inventory;
    this.focus = focus;
    this.probes = probes;
    this.clock = clock;
    this.lookBack = lookBack;
  }

  @Override
  public List<Refusal> since(String namespace, Instant from) {
    Deque<Refusal> known = refusals.get(namespace);
    if (known == null) {
      return List.of();
    }
    synchronized (known) {
      return known.stream().filter(refusal -> !refusal.at().isBefore(from)).toList();
    }
  }

  /** Reads what was written since the last time. Blocking; called by one thread at a time. */
  public void read() {
    MeshSnapshot snapshot = inventory.snapshot();
    Set<String> wanted = focus.get();
    Set<String> alive = new HashSet<>();
    Map<String, WorkloadRef> byAddress = wanted.isEmpty() ? Map.of() : addresses(snapshot);
    for (String namespace : wanted) {
      NamespaceFacts facts = snapshot.namespace(namespace);
      for (Pod pod : facts == null ? List.<Pod>of() : facts.pods()) {
        if (pod.dataPlane() == DataPlane.SIDECAR && !pod.terminated() && !pod.ip().isEmpty()) {
          alive.add(pod.uid());
          read(pod, byAddress);
        }
      }
    }
    readUpTo.keySet().retainAll(alive);
    refusals.keySet().retainAll(wanted);
  }

  private static Map<String, WorkloadRef> addresses(MeshSnapshot snapshot) {
    Map<String, WorkloadRef> byAddress = new HashMap<>();
    for (NamespaceFacts facts : snapshot.namespaces().values()) {
      for (Pod pod : facts.pods()) {
        // Pods on the host's network share the node's address with everything else there.
        if (!pod.ip().isEmpty() && !pod.hostNetwork() && !pod.terminated()) {
          byAddress.put(pod.ip(), pod.workload());
        }
      }
    }
    return byAddress;
  }

  private void read(Pod pod, Map<String, WorkloadRef> byAddress) {
    Instant from = readUpTo.getOrDefault(pod.uid(), clock.instant().minus(lookBack));
    String log;
    try {
      log = client.raw(path(pod, from));
    } catch (KubernetesClientException e) {
      LOG.debugf(e, "access log not readable pod=%s/%s", pod.ref().namespace(), pod.name());
      return;
    }
    String[] lines = (log == null ? "" : log).split("\n", -1);
    String rest = lines[lines.length - 1];
    List<Refusal> found = new ArrayList<>();
    Instant last = from;
    for (int i = 0; i < lines.length - 1; i++) {
      Instant at = RefusalLine.time(lines[i]).orElse(null);
      // sinceTime is a whole second and inclusive: what was read already comes again.
      if (at != null && at.isAfter(from)) {
        last = at;
        RefusalLine.read(lines[i], pod.ip())
            .ifPresent(refused -> found.add(of(refused, pod, byAddress)));
      }
    }
    if (!rest.isEmpty() && last.equals(from)) {
      last = past(rest, from);
      LOG.infof("access log is written faster than it is read pod=%s", pod.ref());
    }
    readUpTo.put(pod.uid(), last);
    keep(pod.ref().namespace(), found);
  }

  /** Asked for bare: fabric8's own getLog first lists and watches the pod until it is ready. */
  private static String path(Pod pod, Instant from) {
    return "/api/v1/namespaces/%s/pods/%s/log?container=%s&timestamps=true&sinceTime=%s&limitBytes=%d"
        .formatted(pod.namespace(), pod.name(), PROXY, from, MAX_BYTES);
  }

  /**
   * Where to go on when a reading held nothing new before it was cut off. The line in which it ends
   * is lost then, or the rest of a second in which more is written than is read at once.
   */
  private static Instant past(String cutOff, Instant from) {
    return RefusalLine.time(cutOff)
        .filter(at -> at.isAfter(from))
        .orElseGet(() -> from.truncatedTo(ChronoUnit.SECONDS).plusSeconds(1));
  }

  private Refusal of(RefusalLine line, Pod pod, Map<String, WorkloadRef> byAddress) {
    WorkloadRef server = pod.workload();
    return new Refusal(
        line.at(),
        new Caller(byAddress.get(line.peer()), line.peer()),
        server,
        line.port(),
        probes.madeFrom(line.peer(), line.peerPort(), server, line.at()));
  }

  private void keep(String namespace, List<Refusal> found) {
    Deque<Refusal> known = refusals.computeIfAbsent(namespace, n -> new ArrayDeque<>());
    synchronized (known) {
      known.addAll(found);
      while (known.size() > KEPT) {
        known.removeFirst();
      }
    }
  }
}
