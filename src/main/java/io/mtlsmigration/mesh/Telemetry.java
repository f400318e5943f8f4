// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A {@code telemetry.istio.io} Telemetry, reduced to its changes to what shows plaintext: the
 * server metrics, as Prometheus gets them, and the access log of servers.
 *
 * @param revision the only revision whose istiods heed it; null when all do
 * @param selector {@code selector.matchLabels}; empty = all pods of the namespace
 * @param attached true when {@code targetRef} or {@code targetRefs} bind it to a gateway or a
 *     waypoint instead
 * @param changes in order: a later one takes precedence over an earlier one
 * @param others the same for other providers, which may be a Prometheus of another name
 * @param prometheus whether Prometheus is among the providers that get metrics; null when it names
 *     none
 */
public record Telemetry(
    ObjectRef ref,
    Instant createdAt,
    @Nullable String revision,
    Map<String, String> selector,
    boolean attached,
    List<Change> changes,
    List<Change> others,
    @Nullable Boolean prometheus,
    Logging logging)
    implements OtherObject {

  public Telemetry {
    selector = Map.copyOf(selector);
    changes = List.copyOf(changes);
    others = List.copyOf(others);
  }

  /**
   * Returns whether it may keep plaintext from being counted where nothing that takes precedence
   * over it says otherwise.
   */
  @Override
  public boolean hidesPlaintext() {
    return !attached
        && (Boolean.FALSE.equals(prometheus)
            || Stream.concat(changes.stream(), others.stream())
                .anyMatch(change -> change.untold() || Boolean.TRUE.equals(change.disabled())));
  }

  /**
   * A change of a metric.
   *
   * @param metric such as {@code REQUEST_COUNT}, or {@link #ALL}
   * @param disabled null when unchanged
   * @param untold true when it removes or sets a label by which plaintext and its server are told:
   *     what an expression yields is not known here; or when it is reported late
   */
  public record Change(String metric, @Nullable Boolean disabled, boolean untold) {

    /** The value that stands for all metrics. */
    public static final String ALL = "ALL_METRICS";

    /** The metrics by which plaintext is counted. */
    public static final List<String> COUNTED =
        List.of("REQUEST_COUNT", "TCP_OPENED_CONNECTIONS", "TCP_RECEIVED_BYTES", "TCP_SENT_BYTES");
  }

  /**
   * Its effect on the access log of servers.
   *
   * @param providers of {@link Calls#WHOLE}: who gets every call, and nobody else does
   */
  public record Logging(Calls calls, Set<String> providers) {

    /** It says nothing of it. */
    public static final Logging INHERITED = new Logging(Calls.INHERITED, Set.of());

    /** Some calls are left out, or all: what a filter's expression yields is not known here. */
    public static final Logging IN_PART = new Logging(Calls.IN_PART, Set.of());

    public Logging {
      providers = Set.copyOf(providers);
    }

    /** Every call is logged, by these. */
    public static Logging whole(Set<String> providers) {
      return new Logging(Calls.WHOLE, providers);
    }

    /** The calls that are logged. */
    public enum Calls {
      INHERITED,
      WHOLE,
      IN_PART
    }
  }
}
