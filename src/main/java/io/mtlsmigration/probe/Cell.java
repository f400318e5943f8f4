// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.probe;

import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.ClientTls;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One cell of the connectivity matrix: the latest probe from a client workload to one endpoint, or
 * to a Service port where the client's proxy chooses any of several endpoints.
 *
 * @param from {@code namespace/workload}
 * @param to {@code namespace/service:port}
 * @param endpoint {@code ip:targetPort}; {@link ProbeTarget#ANY_ENDPOINT} when it may have been any
 * @param serverPod name of the pod behind the endpoint, empty when unknown or any
 * @param meshClient true when the client pod has a proxy
 * @param expected the prediction for the current mesh; for a locked step, that clients with a proxy
 *     get through; null when there is none
 * @param detail the reason why it was skipped, or the first bytes of an error body; may be empty
 * @param clientTls the predicted TLS mode of the client; null when there is no prediction
 * @param neverMade true when it was skipped because such a probe is never made
 * @param closed true when the connection was closed without a byte, which does not show that a
 *     server took it
 * @param servers UIDs of the pods that the probe may have reached; empty when unknown
 * @param clientKind the kind of the client workload; empty when unknown
 * @param unrepeated the reason why it could not be made again when it was last its turn; empty when
 *     it could
 */
public record Cell(
    String from,
    String to,
    String endpoint,
    String serverPod,
    boolean meshClient,
    ProbeOutcome outcome,
    int httpCode,
    int exitCode,
    @Nullable ProbeOutcome expected,
    long latencyMs,
    Instant checkedAt,
    String detail,
    @Nullable ClientTls clientTls,
    boolean neverMade,
    boolean closed,
    Set<String> servers,
    String clientKind,
    String unrepeated) {

  public Cell {
    servers = Set.copyOf(servers);
  }

  /**
   * Returns the cell of a probe.
   *
   * @param startedAt a policy written during the probe may or may not have been seen
   */
  public static Cell of(
      ProbeTarget target, ProbeResult result, Instant startedAt, Expectation expected) {
    boolean meshClient = target.client().dataPlane().captured();
    return switch (result) {
      case ProbeResult.Completed done -> of(target, done, detail(done), startedAt, expected);
      case ProbeResult.Several several -> {
        ProbeResult.Completed worst = several.worst(meshClient);
        String detail = detail(worst);
        long failed = several.failed(meshClient);
        String share = failed + " of " + several.calls().size() + " calls failed";
        yield of(
            target,
            worst,
            failed == 0 || worst.showsNothing()
                ? detail
                : detail.isEmpty() ? share : share + ": " + detail,
            startedAt,
            expected);
      }
      case ProbeResult.NotPossible(var reason) -> of(target, reason, false, startedAt, expected);
      case ProbeResult.NeverMade(var reason) -> of(target, reason, true, startedAt, expected);
    };
  }

  private static String detail(ProbeResult.Completed done) {
    if (done.showsNothing()) {
      return "the client's own proxy answered HTTP %d: nothing shows that the server was reached"
          .formatted(done.httpCode());
    }
    if (done.sign() == ProbeResult.Sign.CLOSED) {
      return "the connection was closed without a byte, as a proxy that refuses may do, too";
    }
    return done.httpCode() >= 400 ? done.body() : "";
  }

  private static Cell of(
      ProbeTarget target, String reason, boolean never, Instant startedAt, Expectation expected) {
    return new Cell(
        target.from(),
        target.to(),
        target.endpoint(),
        serverPod(target),
        target.client().dataPlane().captured(),
        ProbeOutcome.SKIPPED,
        0,
        0,
        expected.outcome(),
        0,
        startedAt,
        reason,
        expected.clientTls(),
        never,
        false,
        servers(target),
        target.client().workload().kind(),
        "");
  }

  private static Cell of(
      ProbeTarget target,
      ProbeResult.Completed done,
      String detail,
      Instant startedAt,
      Expectation expected) {
    boolean meshClient = target.client().dataPlane().captured();
    return new Cell(
        target.from(),
        target.to(),
        target.endpoint(),
        serverPod(target),
        meshClient,
        done.outcome(meshClient),
        done.httpCode(),
        done.exitCode(),
        expected.outcome(),
        done.latency().toMillis(),
        startedAt,
        detail,
        expected.clientTls(),
        false,
        done.sign() == ProbeResult.Sign.CLOSED,
        servers(target),
        target.client().workload().kind(),
        "");
  }

  private static String serverPod(ProbeTarget target) {
    Pod server = target.backends().size() == 1 ? target.backend().pod() : null;
    return server == null ? "" : server.name();
  }

  private static Set<String> servers(ProbeTarget target) {
    return target.backends().stream()
        .map(Backend::pod)
        .filter(Objects::nonNull)
        .map(Pod::uid)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Returns the identity of the cell, which is the same from one probe to the next. */
  public Key key() {
    return new Key(from, to, endpoint, meshClient, clientKind);
  }

  /** Returns whether the probe was of this client's workload, as the client is now. */
  public boolean isFrom(Pod client) {
    return client.workload().id().equals(from)
        && client.dataPlane().captured() == meshClient
        && (clientKind.isEmpty() || client.workload().kind().equals(clientKind));
  }

  /** Returns the cell of a probe that could not be made again, for that reason. */
  Cell unrepeated(String reason) {
    return new Cell(
        from,
        to,
        endpoint,
        serverPod,
        meshClient,
        outcome,
        httpCode,
        exitCode,
        expected,
        latencyMs,
        checkedAt,
        detail,
        clientTls,
        neverMade,
        closed,
        servers,
        clientKind,
        reason);
  }

  /** Returns whether the probe could not be made again when it was last its turn. */
  boolean notRepeated() {
    return !unrepeated.isEmpty();
  }

  /** Returns the detail, and why the probe could not be made again. */
  public String told() {
    return notRepeated() ? detail + " (not probed again: " + unrepeated + ")" : detail;
  }

  /** Returns whether a server was reached. */
  public boolean reaches() {
    return outcome == ProbeOutcome.OK && !closed;
  }

  /** Returns whether a client that should be refused got through. */
  public boolean slipped() {
    return reaches() && expected == ProbeOutcome.REFUSED;
  }

  /** Returns whether a probe was made and did not get through. */
  public boolean failed() {
    return outcome != ProbeOutcome.OK && outcome != ProbeOutcome.SKIPPED;
  }

  /**
   * Returns whether the server was reached, and hung up or gave no answer in the protocol of the
   * probe, although the mesh lets the client through.
   */
  public boolean unanswered() {
    return expected == ProbeOutcome.OK
        && switch (outcome) {
          case TIMEOUT -> true;
          case REFUSED ->
              httpCode == 0
                  || detail.contains("connection termination")
                  || detail.contains("protocol error");
          case OK, UNREACHABLE, SKIPPED -> false;
        };
  }

  /**
   * The identity of a cell.
   *
   * @param meshClient and {@code clientKind}: keep workloads of one name apart, such as a
   *     Deployment and a StatefulSet
   */
  public record Key(String from, String to, String endpoint, boolean meshClient, String clientKind)
      implements Comparable<Key> {

    /** A key where one of those with a name speaks for all. */
    public Key(String from, String to, String endpoint) {
      this(from, to, endpoint, true, "");
    }

    @Override
    public int compareTo(Key other) {
      int c = from.compareTo(other.from);
      c = c != 0 ? c : to.compareTo(other.to);
      c = c != 0 ? c : endpoint.compareTo(other.endpoint);
      c = c != 0 ? c : Boolean.compare(other.meshClient, meshClient);
      return c != 0 ? c : clientKind.compareTo(other.clientKind);
    }
  }

  /** Returns true when only the client's proxy knows which endpoints were called. */
  public boolean anyEndpoint() {
    return endpoint.equals(ProbeTarget.ANY_ENDPOINT);
  }

  /**
   * Returns whether the probe may have reached this very pod; by its name where no UID is known.
   */
  public boolean mayHaveReached(Pod server) {
    return servers.isEmpty() ? server.name().equals(serverPod) : servers.contains(server.uid());
  }

  public String serverNamespace() {
    return to.substring(0, to.indexOf('/'));
  }

  public String clientNamespace() {
    return from.substring(0, from.indexOf('/'));
  }
}
