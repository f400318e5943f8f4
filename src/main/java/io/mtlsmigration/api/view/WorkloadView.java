// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MtlsMode;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(name = "Workload", description = "A workload and the mode in force for each of its ports")
public record WorkloadView(
    @Schema(description = "Kind of the controller; Pod for a bare pod") String kind,
    @Schema(description = "Namespace of the workload") String namespace,
    @Schema(description = "Name of the controller") String name,
    @Schema(description = "How traffic is captured; where pods differ, the least protected")
        DataPlane dataPlane,
    @Schema(
            description =
                "Mode in force; null when no PeerAuthentication governs the pods (no proxy, gateway)")
        @Nullable MtlsMode mode,
    @Schema(description = "The policy that decides the mode; null is Istio's default")
        @Nullable Ref decidedBy,
    @Schema(description = "Live pods") int pods,
    @Schema(description = "Live pods that are captured by a proxy") int capturedPods,
    @Schema(description = "Container ports, in order") List<Port> ports,
    @Schema(description = "Policies that would govern the workload but lost to another")
        List<Losing> losingPolicies,
    @Schema(
            description =
                "Labels that all its live pods share and a selector can name, without those of a"
                    + " revision or a single pod; the first 32 by key")
        Map<String, String> labels) {

  /** Labels that are shown: more than people write, and a bound for what manifests may hold. */
  static final int MOST_LABELS = 32;

  @Schema(name = "WorkloadPort", description = "A container port and its mode")
  public record Port(
      @Schema(description = "Container port") int port,
      @Schema(description = "TCP, UDP or SCTP") String protocol,
      @Schema(description = "Mode in force; null when no PeerAuthentication governs the port")
          @Nullable MtlsMode mode,
      @Schema(description = "The policy that decides the mode; null is Istio's default")
          @Nullable Ref decidedBy,
      @Schema(
              description =
                  "Traffic to the port never reaches the proxy: STRICT does not protect it")
          boolean bypassed) {}

  @Schema(name = "LosingPolicy", description = "A policy without effect on a workload, and why")
  public record Losing(
      @Schema(description = "The policy") Ref policy,
      @Schema(description = "Names the winner or the rule") String whyNot) {}
}
