// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Schemas of commands' bodies for the document; {@code api.input} reads the bodies. */
public final class CommandBodies {

  private CommandBodies() {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(description = "Consent to exactly one of wave, namespace and mesh")
  public record ApprovalBody(
      @Schema(description = "Name of a wave") @Nullable String wave,
      @Schema(description = "Name of a namespace") @Nullable String namespace,
      @Schema(description = "True for the mesh step") @Nullable Boolean mesh,
      @Schema(description = "Is kept") @Nullable String comment,
      @Schema(description = "Hash of the impact that was seen; the present one when left out")
          @Nullable String impactHash) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(description = "Lets a client fail: exactly one of workload and cidr")
  public record IgnoreBody(
      @Schema(description = "namespace/workload, or namespace/* for all of a namespace")
          @Nullable String workload,
      @Schema(description = "Address range") @Nullable String cidr,
      @Schema(description = "Why; is kept") String comment) {}

  @Schema(description = "Lets gates pass once for one step")
  public record OverrideBody(
      @Schema(description = "Names of gates, in lower case; not sync", minItems = 1)
          List<String> gates,
      @Schema(description = "Why; is kept") String comment) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(description = "May be left out altogether")
  public record CommentBody(@Schema(description = "Is kept") @Nullable String comment) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(description = "What to probe; everything when left out")
  public record ProbeBody(
      @Schema(description = "Clients and Service ports") @Nullable List<PairBody> pairs) {}

  @Schema(description = "A client and a Service port")
  public record PairBody(
      @Schema(description = "namespace/workload") String from,
      @Schema(description = "namespace/service:port") String to) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(description = "Where to look: at a workload or at a pod")
  public record WireCheckBody(
      @Schema(description = "Name of the namespace") String namespace,
      @Schema(description = "Name of a workload, one of whose pods is looked at")
          @Nullable String workload,
      @Schema(description = "Name of a pod") @Nullable String pod,
      @Schema(
              description =
                  "Container port; all that the pod declares and that Services lead to when left"
                      + " out",
              minimum = "1",
              maximum = "65535")
          @Nullable Integer port,
      @Schema(description = "How long, from PT1S to PT60S; PT10S when left out")
          @Nullable Duration duration,
      @Schema(
              description = "Ends earlier after so many packets; 1000 when left out",
              minimum = "1",
              maximum = "10000")
          @Nullable Integer maxPackets) {}
}
