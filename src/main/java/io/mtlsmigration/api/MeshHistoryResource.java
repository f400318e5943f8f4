// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.input.HistoryQuery;
import io.mtlsmigration.api.input.HistoryRange;
import io.mtlsmigration.api.security.Needs;
import io.mtlsmigration.api.view.MeshHistoryView;
import io.mtlsmigration.api.view.MeshHistoryView.Point;
import io.mtlsmigration.rollout.MeshCounts;
import io.mtlsmigration.rollout.MeshLog;
import io.mtlsmigration.text.TerminalText;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.SecuredCalls;
import io.mtlsmigration.traffic.TrafficHistory;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The mesh over time. */
@Path("/api/v1/mesh/history")
@Tag(name = "Mesh")
public final class MeshHistoryResource {

  private final TrafficHistory traffic;
  private final MeshLog log;
  private final Clock clock;

  MeshHistoryResource(TrafficHistory traffic, MeshLog log, Clock clock) {
    this.traffic = traffic;
    this.log = log;
    this.clock = clock;
  }

  @GET
  @Needs(Verb.LIST)
  @Produces(MediaType.APPLICATION_JSON)
  @RunOnVirtualThread // the source of evidence may be slow
  @Operation(
      operationId = "getMeshHistory",
      summary = "The mesh over time",
      description =
          "How calls were secured, and how many namespaces and workloads had which posture and"
              + " phase, in whole steps of at most 31 days. What nobody knows is null, never 0: the"
              + " service remembers modes and phases of a day, since it was started; calls are"
              + " those that the source of evidence remembers. As text/plain it is a table.")
  public MeshHistoryView history(@BeanParam HistoryQuery asked) {
    return told(asked);
  }

  @GET
  @Needs(Verb.LIST)
  @Produces("text/plain;qs=0.5")
  @RunOnVirtualThread
  @Operation(hidden = true)
  public String table(@BeanParam HistoryQuery asked) {
    return TerminalText.of(MeshHistoryText.of(told(asked)).lines().toList());
  }

  private MeshHistoryView told(HistoryQuery asked) {
    HistoryRange range = HistoryRange.of(asked, clock.instant(), traffic.finest());
    Instant from = range.from();
    Duration step = range.step();
    List<Evidence<SecuredCalls>> calls = traffic.read(from, step, range.steps());
    @Nullable MeshCounts[] counts = log.read(from, step, range.steps());
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < range.steps(); i++) {
      points.add(Point.of(from.plus(step.multipliedBy(i + 1L)), calls.get(i), counts[i]));
    }
    return new MeshHistoryView(from, range.to(), step, log.since().orElse(null), points);
  }
}
