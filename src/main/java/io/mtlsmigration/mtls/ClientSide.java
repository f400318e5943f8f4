// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.DestinationRule.ClientTlsMode;
import io.mtlsmigration.mesh.DestinationRule.PortPolicy;
import io.mtlsmigration.mesh.DestinationRule.Subset;
import io.mtlsmigration.mesh.DestinationRule.TrafficPolicy;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.OutboundCapture;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mesh.ServiceEntry;
import io.mtlsmigration.mesh.SidecarScope;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Determines what a client's proxy sends to an endpoint. Istio decides twice, and both must agree
 * on mutual TLS: once for the client's cluster ({@code buildUpstreamTLSSettings} in istio
 * pilot/pkg/networking/core/cluster_tls.go, {@code BestEffortInferServiceMTLSMode} in
 * pilot/pkg/model/push_context.go), once for each endpoint (pilot/pkg/xds/endpoints/mtls_checker.go
 * and endpoint_builder.go).
 */
final class ClientSide {

  private static final String TUNNEL_LABEL = "networking.istio.io/tunnel";

  private final MeshSettings settings;
  private final Reachability servers;
  private final DestinationRules rules;
  private final ServiceVisibility visibility;
  private final OutboundCapture captured;

  ClientSide(MeshSnapshot snapshot, Reachability servers) {
    this(
        snapshot.settings(),
        servers,
        new DestinationRules(snapshot),
        new ServiceVisibility(snapshot),
        new OutboundCapture());
  }

  private ClientSide(
      MeshSettings settings,
      Reachability servers,
      DestinationRules rules,
      ServiceVisibility visibility,
      OutboundCapture captured) {
    this.settings = settings;
    this.servers = servers;
    this.rules = rules;
    this.visibility = visibility;
    this.captured = captured;
  }

  /** Returns the same clients with other modes of servers. */
  ClientSide under(Reachability others) {
    return new ClientSide(settings, others, rules, visibility, captured);
  }

  /**
   * The traffic that the client sends.
   *
   * @param way in which it leaves the client
   */
  record Sent(ClientTls tls, Prediction.Way way, List<ObjectRef> decidedBy) {

    static Sent direct(ClientTls tls, List<ObjectRef> decidedBy) {
      return new Sent(tls, Prediction.Way.DIRECT, decidedBy);
    }

    static Sent plaintext(List<ObjectRef> decidedBy) {
      return direct(ClientTls.PLAINTEXT, decidedBy);
    }

    static Sent tunnel() {
      return new Sent(ClientTls.ISTIO_MUTUAL, Prediction.Way.TUNNEL, List.of());
    }
  }

  List<DestinationRule> rulesFor(Service service) {
    return rules.addressing(service);
  }

  @Nullable SidecarScope scopeOf(Pod pod) {
    return visibility.scopeOf(pod);
  }

  Sent send(
      Pod client, Service service, ServicePort port, Backend backend, @Nullable String subset) {
    return switch (client.dataPlane()) {
      case NONE -> Sent.plaintext(List.of());
      // ztunnel reads no DestinationRule: it tunnels to every server that supports it.
      case AMBIENT -> {
        if (takesTunnel(backend.pod())) {
          yield Sent.tunnel();
        }
        yield client.gateway()
            ? throughEnvoy(client, service, port, backend, subset)
            : Sent.plaintext(List.of());
      }
      case SIDECAR ->
          captured.bypasses(client, port.port())
              ? new Sent(ClientTls.PLAINTEXT, Prediction.Way.PASSTHROUGH, List.of())
              : throughEnvoy(client, service, port, backend, subset);
      case GATEWAY -> throughEnvoy(client, service, port, backend, subset);
    };
  }

  private Sent throughEnvoy(
      Pod client, Service service, ServicePort port, Backend backend, @Nullable String subset) {
    if (!visibility.exportedTo(service, client.namespace())) {
      return unknownService(null);
    }
    SidecarScope scope = visibility.scopeOf(client);
    if (scope != null && !visibility.imports(scope, client.namespace(), service)) {
      return unknownService(scope);
    }
    Call call =
        call(
            client,
            destination(service, port),
            EndpointMark.of(backend.pod()),
            backend.targetPort(),
            subset);
    if (!call.originalDestination() && tunnelsTo(backend.pod())) {
      return Sent.tunnel();
    }
    return direct(call);
  }

  /**
   * Returns what a sidecar sends to an endpoint of a ServiceEntry.
   *
   * @return null when its proxy does not know the entry
   */
  @Nullable Sent send(Pod client, EntryCall call) {
    return visibility.knows(client, call)
        ? direct(
            call(client, destination(client, call), call.mark(), call.backend().targetPort(), null))
        : null;
  }

  private Destination destination(Service service, ServicePort port) {
    return new Destination(
        service.namespace(),
        settings.host(service),
        port.port(),
        false,
        service.headless(),
        () -> servers.marks(service, port));
  }

  /** Returns the destination; an endpoint under the host of its namespace's Service joins it. */
  private Destination destination(Pod client, EntryCall call) {
    ServiceEntry entry = call.entry();
    Service service = call.service();
    ServicePort joined = call.joined();
    if (service != null && joined != null && visibility.exportedTo(service, client.namespace())) {
      return destination(service, joined);
    }
    return new Destination(
        entry.ref().namespace(),
        call.host(),
        call.port().number(),
        entry.external(),
        entry.resolution() == ServiceEntry.Resolution.NONE,
        () -> servers.entries().marks(entry, call.host()));
  }

  /** Handles an unknown destination: the call passes through unchanged, or not at all. */
  private Sent unknownService(@Nullable SidecarScope scope) {
    Boolean own = scope == null ? null : scope.registryOnly();
    boolean registryOnly = own == null ? !settings.outboundAllowAny() : own;
    return new Sent(
        ClientTls.PLAINTEXT,
        registryOnly ? Prediction.Way.WITHHELD : Prediction.Way.PASSTHROUGH,
        scope == null ? List.of() : List.of(scope.meta().ref()));
  }

  /**
   * A call with what was looked up for it.
   *
   * @param policy the policy that the cluster is built from
   * @param originalDestination the cluster sends to the address that the client asked for, so that
   *     endpoints carry no marks of their own
   */
  private record Call(
      Pod client,
      Destination to,
      EndpointMark mark,
      int targetPort,
      @Nullable MergedRule rule,
      @Nullable Subset subset,
      PortPolicy policy,
      boolean originalDestination) {

    List<ObjectRef> ruleRefs() {
      return rule == null ? List.of() : rule.sources(subset);
    }

    /** Returns whether the sidecar lacks the rule's Secret, which needs a rule that selects it. */
    boolean lacksSecret() {
      return policy.secret()
          && client.dataPlane() == DataPlane.SIDECAR
          && (rule == null || !rule.hasSelector());
    }

    @Nullable ClientTlsMode endpointMode() {
      return rule == null ? null : rule.endpointMode(to.port(), subset);
    }
  }

  private Call call(
      Pod client, Destination to, EndpointMark mark, int targetPort, @Nullable String name) {
    MergedRule rule = rules.find(client, to.owner(), to.host());
    Subset subset = rule == null || name == null ? null : rule.subset(name);
    PortPolicy none = new PortPolicy(null, false);
    PortPolicy whole = rule == null ? none : rule.clusterPolicy(to.port(), null);
    PortPolicy policy = rule == null ? none : rule.clusterPolicy(to.port(), subset);
    // A subset's cluster begins as a copy of the service's, and the effects of PASSTHROUGH stay,
    // even where the subset's own settings no longer say so.
    boolean passthrough =
        whole.passthrough()
            || policy.passthrough()
            || (subset != null
                && subset.trafficPolicy() != null
                && subset.trafficPolicy().passthrough());
    // A gateway cannot know which address its client meant, so it ignores headless.
    boolean asAddressed = to.asAddressed() && client.dataPlane() == DataPlane.SIDECAR;
    return new Call(client, to, mark, targetPort, rule, subset, policy, passthrough || asAddressed);
  }

  private Sent direct(Call call) {
    ClientTlsMode mode = call.policy().tls();
    if (mode != null) {
      return Sent.direct(asRuled(mode, call), call.ruleRefs());
    }
    if (!settings.autoMtls() || call.to().external()) {
      return Sent.plaintext(List.of());
    }
    EffectiveMode serviceMode = servers.modes(call.to().owner()).mode();
    if (serviceMode.mode() == MtlsMode.DISABLE) {
      return Sent.plaintext(refs(List.of(), serviceMode.decidedBy()));
    }
    if (passesThrough(call) && !everyEndpointTakesTls(call)) {
      return Sent.plaintext(call.policy().passthrough() ? call.ruleRefs() : List.of());
    }
    if (call.originalDestination()) {
      return Sent.direct(ClientTls.ISTIO_MUTUAL, List.of());
    }
    return toEndpoint(call);
  }

  private static ClientTls asRuled(ClientTlsMode mode, Call call) {
    return switch (mode) {
      case DISABLE -> ClientTls.PLAINTEXT;
      case ISTIO_MUTUAL -> ClientTls.ISTIO_MUTUAL;
      case SIMPLE, MUTUAL -> call.lacksSecret() ? ClientTls.PLAINTEXT : ClientTls.TLS;
    };
  }

  private Sent toEndpoint(Call call) {
    EndpointMark mark = call.mark();
    if (!mark.announcesIstioTls()) {
      return Sent.plaintext(List.of());
    }
    ClientTlsMode byRule = call.endpointMode();
    if (byRule != null) {
      boolean mutual = byRule == ClientTlsMode.ISTIO_MUTUAL;
      return Sent.direct(mutual ? ClientTls.ISTIO_MUTUAL : ClientTls.PLAINTEXT, call.ruleRefs());
    }
    int port = call.targetPort();
    EffectiveMode serverMode = servers.modes(mark.namespace()).ofLabels(mark.labels());
    if (serverMode.of(port) == MtlsMode.DISABLE) {
      return Sent.plaintext(refs(List.of(), serverMode.decidedBy(port)));
    }
    return Sent.direct(ClientTls.ISTIO_MUTUAL, List.of());
  }

  /** Considers the rule's or the subset's own setting only, not the port's, as Istio does. */
  private static boolean passesThrough(Call call) {
    MergedRule rule = call.rule();
    Subset subset = call.subset();
    TrafficPolicy policy =
        subset != null ? subset.trafficPolicy() : rule == null ? null : rule.trafficPolicy();
    return call.to().asAddressed() || (policy != null && policy.passthrough());
  }

  /** Returns false, for all endpoints, when one does not accept Istio TLS or there is none. */
  private static boolean everyEndpointTakesTls(Call call) {
    List<EndpointMark> all = call.to().endpoints().get();
    return !all.isEmpty() && all.stream().noneMatch(EndpointMark::declinesTls);
  }

  /** Returns whether an Envoy tunnels: it prefers plain Istio TLS if the server accepts both. */
  private static boolean tunnelsTo(@Nullable Pod server) {
    return server != null && !server.announcesIstioTls() && takesTunnel(server);
  }

  static boolean takesTunnel(@Nullable Pod server) {
    if (server == null) {
      return false;
    }
    if (server.dataPlane() == DataPlane.AMBIENT) {
      return true;
    }
    String tunnels = server.labels().get(TUNNEL_LABEL);
    return tunnels != null && List.of(tunnels.split(",", -1)).contains("http");
  }

  private static List<ObjectRef> refs(List<ObjectRef> first, @Nullable ObjectRef more) {
    List<ObjectRef> all = new ArrayList<>(first);
    if (more != null) {
      all.add(more);
    }
    return all;
  }
}
