// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.mtlsmigration.hazard.Severity;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.mtls.Posture;
import io.mtlsmigration.mtls.Reach;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(name = "Analysis", description = "What a set of manifests means, computed from it alone")
public record AnalysisView(
    @Schema(description = "Namespaces, in the order of their names") List<Namespace> namespaces,
    @Schema(description = "Workloads with the mode of each port") List<WorkloadView> workloads,
    @Schema(description = "PeerAuthentications and their standing") List<PolicyView> policies,
    @Schema(description = "Hazards, by namespace, the most severe first")
        List<FindingView> findings,
    @Schema(
            description =
                "Who reaches whom: by pairs of namespaces, or with reachability=full by client"
                    + " workload, Service port and endpoint")
        List<? extends Row> reachability,
    @Schema(description = "Why reachability is left out; null when it is not")
        @Nullable String reachabilityOmitted,
    @Schema(description = "With mode: what would change; null without it") @Nullable WhatIf whatIf,
    @Schema(description = "What could not be read as its schema has it") List<Unread> problems,
    @Schema(
            description =
                "Objects of kinds that are not read, by kind; with the group where another group"
                    + " has a kind of that name that is")
        Map<String, Integer> ignoredKinds,
    @Schema(
            description =
                "Namespaces of workload templates that the set does not define: nobody knows"
                    + " whether Istio injects their pods, which count as without a sidecar. Send"
                    + " the Namespace, or name it in the parameter injected")
        List<String> undefinedNamespaces,
    @Schema(
            description =
                "Gateways of the Gateway API to which routes of the set belong and that it does not"
                    + " define, as namespace/name: nobody knows whether they are Istio's. What comes"
                    + " through another one is plaintext")
        List<String> undefinedGateways) {

  @Schema(name = "AnalysisNamespace", description = "A namespace of the set")
  public record Namespace(
      @Schema(description = "Name of the namespace") String name,
      @Schema(description = "Over all ports of all captured pods") Posture posture,
      @Schema(description = "Mode of a pod that no workload policy governs") MtlsMode mode,
      @Schema(description = "The policy that decides the mode; null is Istio's default")
          @Nullable Ref decidedBy,
      @Schema(description = "Workloads") int workloads,
      @Schema(description = "Workloads of which every pod is captured by a proxy") int captured,
      @Schema(description = "Hazards by severity") Map<Severity, Integer> findings) {}

  /** Registered for reflection, since signatures name the interface alone. */
  @RegisterForReflection(targets = {NamespacePair.class, Call.class})
  @Schema(
      name = "ReachabilityRow",
      description = "A pair of namespaces, or with reachability=full one call",
      oneOf = {NamespacePair.class, Call.class})
  public sealed interface Row permits NamespacePair, Call {}

  @Schema(name = "NamespacePair", description = "All calls from one namespace to another")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record NamespacePair(
      @Schema(description = "Namespace of the clients") String from,
      @Schema(description = "Namespace of the servers") String to,
      @Schema(description = "Client workload to Service port and endpoint") long calls,
      @Schema(description = "Calls that are accepted") long ok,
      @Schema(description = "Calls that are refused") long refused,
      @Schema(description = "With mode: calls that would be refused then; left out without it")
          @Nullable Long refusedThen)
      implements Row {}

  @Schema(name = "Call", description = "One client workload calling one endpoint")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Call(
      @Schema(description = "The client") Client from,
      @Schema(description = "The Service port and the endpoint") Server to,
      @Schema(description = "What the client sends") ClientTls clientTls,
      @Schema(description = "Whether the connection is accepted") Reach outcome,
      @Schema(description = "With mode: whether it would be accepted then; left out without it")
          @Nullable Reach then,
      @Schema(description = "The objects that decide; empty for Istio's defaults")
          List<Ref> decidedBy)
      implements Row {}

  @Schema(name = "CallClient", description = "A client workload")
  public record Client(
      @Schema(description = "Namespace") String namespace,
      @Schema(description = "Name of the workload") String name) {}

  @Schema(name = "CallServer", description = "A Service port and an endpoint of it")
  @JsonInclude(JsonInclude.Include.ALWAYS)
  public record Server(
      @Schema(description = "Namespace of the Service") String namespace,
      @Schema(description = "Name of the Service") String service,
      @Schema(description = "Port of the Service") int port,
      @Schema(description = "Workload behind the endpoint; null when it is no pod of the set")
          @Nullable String workload,
      @Schema(description = "Pod behind the endpoint; null when it is no pod of the set")
          @Nullable String pod,
      @Schema(description = "Container port") int targetPort) {}

  @Schema(name = "WhatIf", description = "What another mode for the whole mesh would change")
  public record WhatIf(
      @Schema(description = "The mode that is asked about") MtlsMode mode,
      @Schema(description = "The writes, in order") List<ChangeView> changes,
      @Schema(description = "What a person has to clear before")
          List<PreviewView.ObstacleView> obstacles,
      @Schema(description = "Postures of the namespaces then") Map<String, Posture> postures,
      @Schema(description = "Number of calls that work now and would not; null when not computed")
          @Nullable Long breaking,
      @Schema(description = "Those calls; at most a thousand") List<Call> breaks,
      @Schema(
              description =
                  "Findings of calls whose clients are no workloads of the set (the kubelet, the API"
                      + " server, Prometheus, load balancers, gateways that are not Istio's), which"
                      + " are accepted now and would not be")
          List<FindingView> breaksFromOutside) {}

  @Schema(name = "Unread", description = "What could not be read, and where it is")
  public record Unread(
      @Schema(
              description =
                  "The file, where the command line has read several; body in an answer of the"
                      + " service")
          String source,
      @Schema(description = "Document of the source, from 1") int document,
      @Schema(description = "Line, from 1; 0 when unknown") int line,
      @Schema(description = "Column, from 1; 0 when unknown") int column,
      @Schema(description = "JSON pointer within the document") String pointer,
      @Schema(description = "What is wrong") String message) {}
}
