// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.wire.Connection;
import io.mtlsmigration.wire.Judgement;
import io.mtlsmigration.wire.WireAnswer;
import io.mtlsmigration.wire.WireBasis;
import io.mtlsmigration.wire.WireCheck;
import io.mtlsmigration.wire.WireCheck.Progress;
import io.mtlsmigration.wire.WireEnd;
import io.mtlsmigration.wire.WireFailure;
import io.mtlsmigration.wire.WireFailureCode;
import io.mtlsmigration.wire.WireSecurity;
import io.mtlsmigration.wire.WireVerdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(name = "WireCheck", description = "A look at what arrives at a pod, outside its proxy")
public record WireCheckView(
    @Schema(description = "Names the check") String id,
    @Schema(description = "RUNNING, DONE or FAILED; DONE says nothing of what was seen")
        State state,
    @Schema(description = "Namespace of the pod") String namespace,
    @Schema(description = "Workload of the pod") String workload,
    @Schema(description = "Pod that is looked at; of several the first that serves") String pod,
    @Schema(description = "Ports that are looked at") List<Port> ports,
    @Schema(description = "How long it lasts at most") Duration duration,
    @Schema(description = "After how many packets it ends at the latest") int maxPackets,
    @Schema(description = "When it began") Instant startedAt,
    @Schema(description = "When it ended; null while it runs") @Nullable Instant endedAt,
    @Schema(description = "Which bound ended it; null unless it is DONE") @Nullable WireEnd endedBy,
    @Schema(description = "All connections in one word; null unless it is DONE")
        @Nullable WireVerdict verdict,
    @Schema(description = "Packets that were looked at") int packets,
    @Schema(description = "Packets that matched and could not be looked at") int lost,
    @Schema(description = "Connections by how they were secured") Map<WireSecurity, Integer> counts,
    @Schema(description = "In the order in which they began; of more than 500 the worst")
        List<ConnectionView> connections,
    @Schema(description = "Why nothing could be captured; null unless it is FAILED")
        @Nullable Failure failure) {

  @Schema(name = "WireCheckState", description = "How far a wire check is")
  public enum State {
    RUNNING,
    DONE,
    FAILED
  }

  @Schema(name = "WirePort", description = "A port that is looked at")
  public record Port(
      @Schema(description = "Container port; 15008 is where tunnels end") int port,
      @Schema(description = "True when no proxy stands before it, so that no policy protects it")
          boolean bypassed) {}

  @Schema(name = "WireConnection", description = "A connection that was seen")
  public record ConnectionView(
      @Schema(description = "ip:port of the caller") String peer,
      @Schema(description = "namespace/workload of the caller; null when no pod has its address")
          @Nullable String workload,
      @Schema(description = "Node that has the caller's address; null for any other address")
          @Nullable String node,
      @Schema(description = "Port that was called") int port,
      @Schema(description = "How it was secured") WireSecurity security,
      @Schema(description = "What that rests on") WireBasis basis,
      @Schema(description = "What the server made of it") WireAnswer answer,
      @Schema(
              description =
                  "What the client said first, in plaintext only: at most 128 characters, a dot for"
                      + " what cannot be printed, known credentials left out")
          String firstBytes,
      @Schema(description = "Name that a TLS client asked for; may be empty") String sni,
      @Schema(description = "Protocols that a TLS client offered") List<String> alpn,
      @Schema(description = "When its first packet was seen") Instant startedAt) {

    static ConnectionView of(Connection connection) {
      Judgement judgement = connection.sighting().judgement();
      WorkloadRef workload = connection.workload();
      return new ConnectionView(
          connection.flow().peer(),
          workload == null ? null : workload.id(),
          connection.node().isEmpty() ? null : connection.node(),
          connection.flow().serverPort(),
          connection.security(),
          connection.basis(),
          connection.answer(),
          judgement.firstBytes(),
          judgement.serverName(),
          judgement.protocols(),
          connection.at());
    }
  }

  @Schema(name = "WireFailure", description = "Why nothing could be captured")
  public record Failure(
      @Schema(description = "Stable code") WireFailureCode code,
      @Schema(description = "What happened") String reason,
      @Schema(description = "What makes it possible") String remedy) {}

  public static WireCheckView of(WireCheck check) {
    Progress progress = check.progress();
    Progress.Done done = progress instanceof Progress.Done ended ? ended : null;
    Progress.Failed failed = progress instanceof Progress.Failed ended ? ended : null;
    return new WireCheckView(
        check.id(),
        done != null ? State.DONE : failed != null ? State.FAILED : State.RUNNING,
        check.workload().namespace(),
        check.workload().name(),
        check.pod(),
        check.ports().stream().map(port -> new Port(port.port(), port.bypassed())).toList(),
        check.request().duration(),
        check.request().packets(),
        check.startedAt(),
        done != null ? done.endedAt() : failed != null ? failed.endedAt() : null,
        done == null ? null : done.seen().end(),
        done == null ? null : done.verdict(),
        done == null ? 0 : done.seen().packets(),
        done == null ? 0 : done.seen().lost(),
        done == null ? Map.of() : done.counts(),
        done == null ? List.of() : done.connections().stream().map(ConnectionView::of).toList(),
        failed == null ? null : failure(failed.failure()));
  }

  private static Failure failure(WireFailure failure) {
    return new Failure(failure.code(), failure.reason(), failure.remedy());
  }
}
