// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mesh.SidecarScope;
import io.mtlsmigration.mesh.WorkLimit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Predicts which client reaches which server, from facts alone. Immutable and thread-safe. */
public final class Reachability {

  private final MeshModes modes;

  /** The modes of a namespace instead of those of {@code modes}; null when none are replaced. */
  private final @Nullable NamespaceModes instead;

  private final ClientSide clients;

  /** Cached, because it is requested with every client of a headless service. */
  private final Map<PortKey, List<Backend>> backends;

  private record PortKey(ObjectRef service, String name, int port) {}

  Reachability(MeshModes modes) {
    this.modes = modes;
    this.instead = null;
    this.clients = new ClientSide(modes.snapshot(), this);
    this.backends = new ConcurrentHashMap<>();
  }

  private Reachability(Reachability facts, NamespaceModes instead) {
    this.modes = facts.modes;
    this.instead = instead;
    this.clients = facts.clients.under(this);
    this.backends = facts.backends;
  }

  /**
   * Returns the same mesh with other policies in one namespace, which is not the root. Everything
   * that policies do not decide is shared, so this costs the same in a mesh of any size.
   *
   * @param namespace resolved from the same facts except for its policies
   */
  public Reachability under(NamespaceModes namespace) {
    return new Reachability(this, namespace);
  }

  /** Returns {@link io.mtlsmigration.mesh.MeshSettings#debugHeaders}. */
  public boolean debugHeaders() {
    return modes.snapshot().settings().debugHeaders();
  }

  /** Returns the modes that apply to servers of a namespace here. */
  public NamespaceModes modes(String namespace) {
    return instead != null && instead.namespace().equals(namespace)
        ? instead
        : modes.namespace(namespace);
  }

  public static Reachability of(MeshModes modes) {
    return modes.reachability();
  }

  /**
   * Returns the endpoints of a Service port: from EndpointSlices when there are any, else by
   * selector.
   *
   * @param service one of the snapshot's Services
   */
  public List<Backend> backends(Service service, ServicePort port) {
    return backends.computeIfAbsent(
        new PortKey(service.ref(), port.name(), port.port()),
        ignored -> {
          NamespaceFacts facts = modes.snapshot().namespace(service.namespace());
          return facts == null ? List.of() : List.copyOf(Endpoints.of(facts, service, port));
        });
  }

  /** Returns a Service port's container port on a pod; 0 when its name is unknown there. */
  public static int targetPort(ServicePort port, Pod pod) {
    return Endpoints.targetPort(port, pod);
  }

  /** Predicts a call from {@code client} (any pod, captured or not). */
  public Prediction predict(Pod client, Service service, ServicePort port, Backend backend) {
    return predict(client, service, port, backend, null);
  }

  /**
   * Predicts a call by the workload of {@code client}, whose pods may be on any node: one on the
   * network of the server's own node gets past ztunnel, and speaks for no other.
   */
  public Prediction predictWorkload(
      Pod client, Service service, ServicePort port, Backend backend) {
    return receive(clients.send(client, service, port, backend, null), backend, null);
  }

  /**
   * Predicts a call that a VirtualService sends to a subset.
   *
   * @param subset a subset of the DestinationRule in force; null for the service itself
   */
  public Prediction predict(
      Pod client, Service service, ServicePort port, Backend backend, @Nullable String subset) {
    return receive(clients.send(client, service, port, backend, subset), backend, client);
  }

  /** Returns the ways by which the mesh's ServiceEntries lead to its pods. */
  public EntryCalls entries() {
    return modes.made(EntryCalls.class, EntryCalls::new);
  }

  /**
   * Predicts a call that a sidecar sends to a host of a ServiceEntry.
   *
   * @param call one of {@link #entries}
   * @return null when the client's proxy does not know the entry by that host
   */
  public @Nullable Prediction predict(Pod client, EntryCall call) {
    ClientSide.Sent sent = clients.send(client, call);
    return sent == null ? null : receive(sent, call.backend(), client);
  }

  /** Returns istiod's marks of the endpoints of a Service port. */
  List<EndpointMark> marks(Service service, ServicePort port) {
    List<EndpointMark> marks = new ArrayList<>();
    backends(service, port).forEach(backend -> marks.add(EndpointMark.of(backend.pod())));
    marks.addAll(entries().joining(service, port));
    return marks;
  }

  /** Returns the traits of an endpoint: two with equal traits answer every client alike. */
  public EndpointTraits traits(Backend backend) {
    Pod pod = backend.pod();
    int port = backend.targetPort();
    return pod == null
        ? EndpointTraits.NO_POD
        : new EndpointTraits(
            pod.dataPlane(),
            pod.inbound().bypasses(port),
            modes(pod.namespace()).of(pod).of(port),
            EndpointMark.of(pod).tlsMode(),
            ClientSide.takesTunnel(pod));
  }

  /** Predicts a call by a client without a proxy that is not a pod of the snapshot. */
  public Prediction predictPlaintext(Service service, ServicePort port, Backend backend) {
    return receive(ClientSide.Sent.plaintext(List.of()), backend, null);
  }

  /** Returns every DestinationRule whose host, in full or by wildcard, covers a Service. */
  public List<DestinationRule> rulesAddressing(Service service) {
    return clients.rulesFor(service);
  }

  /** Returns the Sidecar resource in force for a pod; null when there is none, or no sidecar. */
  public @Nullable SidecarScope sidecarOf(Pod pod) {
    return clients.scopeOf(pod);
  }

  private Prediction receive(ClientSide.Sent sent, Backend backend, @Nullable Pod client) {
    WorkLimit.goOn();
    List<ObjectRef> decidedBy = new ArrayList<>(sent.decidedBy());
    Pod server = backend.pod();
    if (sent.way() == Prediction.Way.WITHHELD || sent.way() == Prediction.Way.TUNNEL) {
      boolean tunnel = sent.way() == Prediction.Way.TUNNEL;
      return new Prediction(sent.tls(), reach(tunnel), decidedBy, sent.way());
    }
    if (server != null && server.dataPlane() == DataPlane.GATEWAY) {
      // The gateway's own servers decide, and the client's rule was written for them.
      return new Prediction(sent.tls(), Reach.OK, decidedBy, sent.way());
    }
    int port = backend.targetPort();
    if (server == null || !server.governed(port) || besideZtunnel(client, server)) {
      return new Prediction(
          sent.tls(), reach(sent.tls() == ClientTls.PLAINTEXT), decidedBy, sent.way());
    }
    EffectiveMode mode = modes(server.namespace()).of(server);
    ObjectRef policy = mode.decidedBy(port);
    if (policy != null && !decidedBy.contains(policy)) {
      decidedBy.add(policy);
    }
    boolean ztunnel = server.dataPlane() == DataPlane.AMBIENT;
    boolean accepted =
        switch (sent.tls()) {
          case PLAINTEXT -> mode.of(port) != MtlsMode.STRICT;
          // ztunnel accepts mutual TLS in a tunnel only; as plain bytes it would reach the
          // application.
          case ISTIO_MUTUAL -> !ztunnel && mode.of(port) != MtlsMode.DISABLE;
          case TLS -> false;
        };
    return new Prediction(sent.tls(), reach(accepted), decidedBy, sent.way());
  }

  /**
   * Returns whether a call bypasses ztunnel. istio-cni rewrites calls from processes on the node's
   * own network to ambient pods of the same node, for the kubelet: they come from 169.254.7.127,
   * and bypass ztunnel and its policies (istio cni/pkg/iptables; observed, docs/ambient.md).
   */
  private static boolean besideZtunnel(@Nullable Pod client, Pod server) {
    return client != null
        && client.hostNetwork()
        && server.dataPlane() == DataPlane.AMBIENT
        && !server.node().isEmpty()
        && server.node().equals(client.node());
  }

  private static Reach reach(boolean accepted) {
    return accepted ? Reach.OK : Reach.REFUSED;
  }
}
