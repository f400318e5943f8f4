package io.mtlsmigration.probe;

import io.mtlsmigration.mtls.ClientTls;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One cell of the connectivity matrix: the latest probe from a client workload to one endpoint, or
 * to a Service port behind which the client's proxy takes any of several.
 *
 * @param from {@code namespace/workload}
 * @param to {@code namespace/service:port}
 * @param endpoint {@code ip:targetPort}; {@link ProbeTarget#ANY_ENDPOINT} when it may have been any
 * @param serverPod name of the pod behind the endpoint, empty when unknown or any
 * @param meshClient true when the client pod has a proxy
 * @param expected what the prediction says of the mesh as it is; of a locked step, that clients
 *     with a proxy get through; null when it cannot say
 * @param detail why it was skipped, or the first bytes of an error body; may be empty
 * @param clientTls what the client is predicted to send; null when nobody has predicted
 * @param neverMade true when it was skipped because nobody makes such a probe, now or later
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
    boolean neverMade) {

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
        false);
  }

  /** What stays the same from one probe to the next. */
  public Key key() {
    return new Key(from, to, endpoint);
  }

  /** Identity of a cell. */
  public record Key(String from, String to, String endpoint) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      int c = from.compareTo(other.from);
      c = c != 0 ? c : to.compareTo(other.to);
      return c != 0 ? c : endpoint.compareTo(other.endpoint);
    }
  }

  /** True when only the client's proxy knows which endpoints were called. */
  public boolean anyEndpoint() {
    return endpoint.equals(ProbeTarget.ANY_ENDPOINT);
  }

  public String serverNamespace() {
    return to.substring(0, to.indexOf('/'));
  }

  public String clientNamespace() {
    return from.substring(0, from.indexOf('/'));
  }
}
