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
 * @param detail the reason why it was skipped, or the first bytes of an error body, and why it
 *     could not be made again; may be empty
 * @param clientTls the predicted TLS mode of the client; null when there is no prediction
 * @param neverMade true when it was skipped because such a probe is never made
 * @param servers UIDs of the pods that the probe may have reached; empty when unknown
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
    Set<String> servers) {

  /** What comes in a detail before the reason why a probe could not be made again. */
  private static final String UNREPEATED = " (not probed again: ";

  public Cell {
    servers = Set.copyOf(servers);
  }

  /** A cell of a probe that was made, or could have been. */
  public Cell(
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
      @Nullable ClientTls clientTls) {
    this(
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
        false,
        Set.of());
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
      case ProbeResult.Completed done ->
          of(target, done, done.httpCode() >= 400 ? done.body() : "", startedAt, expected);
      case ProbeResult.Several several -> {
        ProbeResult.Completed worst = several.worst(meshClient);
        String detail = worst.httpCode() >= 400 ? worst.body() : "";
        long failed = several.failed(meshClient);
        String share = failed + " of " + several.calls().size() + " calls failed";
        yield of(
            target,
            worst,
            failed == 0 ? detail : detail.isEmpty() ? share : share + ": " + detail,
            startedAt,
            expected);
      }
      case ProbeResult.NotPossible(var reason) -> of(target, reason, false, startedAt, expected);
      case ProbeResult.NeverMade(var reason) -> of(target, reason, true, startedAt, expected);
    };
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
        servers(target));
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
        servers(target));
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
    return new Key(from, to, endpoint, meshClient);
  }

  /** Returns the cell of a probe that could not be made again, for that reason. */
  Cell unrepeated(String reason) {
    int end = detail.indexOf(UNREPEATED);
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
        (end < 0 ? detail : detail.substring(0, end)) + UNREPEATED + reason + ")",
        clientTls,
        neverMade,
        servers);
  }

  /** Returns whether the probe could not be made again when it was last its turn. */
  boolean notRepeated() {
    return detail.contains(UNREPEATED);
  }

  /** Returns whether a client that should be refused got through. */
  boolean slipped() {
    return outcome == ProbeOutcome.OK && expected == ProbeOutcome.REFUSED;
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
   * @param meshClient keeps workloads of one name apart, such as a Deployment with a proxy and a
   *     StatefulSet without one
   */
  public record Key(String from, String to, String endpoint, boolean meshClient)
      implements Comparable<Key> {

    /** A key where one of those with a name speaks for all. */
    public Key(String from, String to, String endpoint) {
      this(from, to, endpoint, true);
    }

    @Override
    public int compareTo(Key other) {
      int c = from.compareTo(other.from);
      c = c != 0 ? c : to.compareTo(other.to);
      c = c != 0 ? c : endpoint.compareTo(other.endpoint);
      return c != 0 ? c : Boolean.compare(other.meshClient, meshClient);
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
