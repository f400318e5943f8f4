// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Tiny builders of facts, for tests: every one begins with what is usual and changes one thing at a
 * time. Objects are created at {@link #EPOCH} unless a test says otherwise.
 */
public final class MeshBuilders {

  /** When everything was created, unless {@code createdAt} says otherwise. */
  public static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

  private MeshBuilders() {}

  public static NamespaceBuilder namespace(String name) {
    return new NamespaceBuilder(name);
  }

  /** A pod without a proxy, labelled {@code app: name}. */
  public static PodBuilder pod(String name) {
    return new PodBuilder(name, DataPlane.NONE);
  }

  /** A pod with an injected sidecar: it announces Istio TLS. */
  public static PodBuilder sidecarPod(String name) {
    return new PodBuilder(name, DataPlane.SIDECAR)
        .label(Pod.TLS_MODE_LABEL, "istio")
        .annotation("sidecar.istio.io/status", "{}");
  }

  /** A pod whose traffic ztunnel redirects. */
  public static PodBuilder ambientPod(String name) {
    return new PodBuilder(name, DataPlane.AMBIENT)
        .annotation("ambient.istio.io/redirection", "enabled");
  }

  /** An Istio gateway. */
  public static PodBuilder gatewayPod(String name) {
    return new PodBuilder(name, DataPlane.GATEWAY)
        .label("gateway.networking.k8s.io/gateway-name", name);
  }

  /** A ClusterIP service that selects {@code app: name}. */
  public static ServiceBuilder service(String name) {
    return new ServiceBuilder(name);
  }

  public static PolicyBuilder policy(String name, MtlsMode mode) {
    return new PolicyBuilder(name, mode);
  }

  public static DestinationRuleBuilder destinationRule(String name, String host) {
    return new DestinationRuleBuilder(name, host);
  }

  /** Returns a CronJob whose pods ask for no proxy by themselves. */
  public static JobTemplate cronJob(String namespace, String name, @Nullable Duration period) {
    return cronJob(namespace, name, period == null ? null : CronRuns.of(period));
  }

  public static JobTemplate cronJob(String namespace, String name, @Nullable CronRuns runs) {
    ObjectRef ref = new ObjectRef("CronJob", namespace, name);
    return new JobTemplate(ref, Map.of(), Map.of(), false, false, runs);
  }

  /** A Sidecar resource with these egress hosts ({@code ns/host}). */
  public static SidecarScopeBuilder sidecarScope(String name, String... egressHosts) {
    return new SidecarScopeBuilder(name, List.of(egressHosts));
  }

  /** A Telemetry whose access logs leave calls out. */
  public static Function<String, OtherObject> logsInPart(String name) {
    return namespace ->
        new Telemetry(
            new ObjectRef("Telemetry", namespace, name),
            EPOCH,
            null,
            Map.of(),
            false,
            List.of(),
            List.of(),
            null,
            Telemetry.Logging.IN_PART);
  }

  /** A Telemetry that turns all metrics off, so that plaintext is not counted. */
  public static Function<String, OtherObject> hidesPlaintext(String name) {
    return namespace ->
        new Telemetry(
            new ObjectRef("Telemetry", namespace, name),
            EPOCH,
            null,
            Map.of(),
            false,
            List.of(new Telemetry.Change(Telemetry.Change.ALL, true, false)),
            List.of(),
            null,
            Telemetry.Logging.INHERITED);
  }

  /** A snapshot of default settings. */
  public static MeshSnapshot mesh(NamespaceBuilder... namespaces) {
    return mesh(MeshSettings.DEFAULT, namespaces);
  }

  public static MeshSnapshot mesh(MeshSettings settings, NamespaceBuilder... namespaces) {
    return MeshSnapshot.of(
        settings, EPOCH, Arrays.stream(namespaces).map(NamespaceBuilder::build).toList());
  }

  /** Returns settings of a mesh whose sidecars log nothing of which no Telemetry says so. */
  public static MeshSettings silent(MeshSettings settings) {
    return new MeshSettings(
        settings.rootNamespace(),
        settings.trustDomain(),
        settings.autoMtls(),
        settings.outboundAllowAny(),
        settings.trustDomainAliases(),
        settings.discoverySelectors(),
        new AccessLogFormats(List.of(), Map.of(), Set.of(), false),
        settings.exports(),
        settings.debugHeaders(),
        settings.clusterDomain());
  }

  /** Returns settings of a mesh whose sidecars add none of Envoy's headers to answers. */
  public static MeshSettings withoutDebugHeaders(MeshSettings settings) {
    return new MeshSettings(
        settings.rootNamespace(),
        settings.trustDomain(),
        settings.autoMtls(),
        settings.outboundAllowAny(),
        settings.trustDomainAliases(),
        settings.discoverySelectors(),
        settings.accessLogs(),
        settings.exports(),
        false,
        settings.clusterDomain());
  }

  static ObjectMeta meta(String kind, String namespace, String name, Instant createdAt) {
    return new ObjectMeta(
        new ObjectRef(kind, namespace, name),
        "uid-" + namespace + "-" + name,
        "1",
        createdAt,
        Map.of(),
        Map.of(),
        List.of());
  }

  /** Builds {@link NamespaceFacts}; what it contains takes on its name. */
  public static final class NamespaceBuilder {
    private final String name;
    private final Map<String, String> labels = new HashMap<>();
    private final Map<String, String> annotations = new HashMap<>();
    private final List<PodBuilder> pods = new ArrayList<>();
    private final List<ServiceBuilder> services = new ArrayList<>();
    private final List<EndpointSlice> slices = new ArrayList<>();
    private final List<PolicyBuilder> policies = new ArrayList<>();
    private final List<DestinationRuleBuilder> rules = new ArrayList<>();
    private final List<SidecarScopeBuilder> sidecars = new ArrayList<>();
    private final List<Function<String, OtherObject>> others = new ArrayList<>();
    private final List<Unreadable> unreadable = new ArrayList<>();

    private NamespaceBuilder(String name) {
      this.name = name;
    }

    public NamespaceBuilder label(String key, String value) {
      labels.put(key, value);
      return this;
    }

    public NamespaceBuilder annotation(String key, String value) {
      annotations.put(key, value);
      return this;
    }

    public NamespaceBuilder with(PodBuilder... more) {
      pods.addAll(List.of(more));
      return this;
    }

    public NamespaceBuilder with(ServiceBuilder... more) {
      services.addAll(List.of(more));
      return this;
    }

    public NamespaceBuilder with(PolicyBuilder... more) {
      policies.addAll(List.of(more));
      return this;
    }

    public NamespaceBuilder with(DestinationRuleBuilder... more) {
      rules.addAll(List.of(more));
      return this;
    }

    public NamespaceBuilder with(SidecarScopeBuilder... more) {
      sidecars.addAll(List.of(more));
      return this;
    }

    public NamespaceBuilder with(EndpointSlice... more) {
      slices.addAll(List.of(more));
      return this;
    }

    /** An object of which hazards alone read something, given the name of its namespace. */
    public NamespaceBuilder with(Function<String, OtherObject> other) {
      others.add(other);
      return this;
    }

    /** An object of this namespace that could not be read. */
    public NamespaceBuilder unreadable(String kind, String object, String field) {
      unreadable.add(
          new Unreadable(new ObjectRef(kind, name, object), field, "is not what the schema wants"));
      return this;
    }

    public NamespaceFacts build() {
      return new NamespaceFacts(
          name,
          "uid-" + name,
          labels,
          annotations,
          false,
          pods.stream().map(p -> p.build(name)).toList(),
          services.stream().map(s -> s.build(name)).toList(),
          slices,
          policies.stream().map(p -> p.build(name)).toList(),
          rules.stream().map(r -> r.build(name)).toList(),
          sidecars.stream().map(s -> s.build(name)).toList(),
          others.stream().map(o -> o.apply(name)).toList(),
          unreadable);
    }
  }

  /** Builds {@link Pod}. */
  public static final class PodBuilder {
    private final String name;
    private DataPlane dataPlane;
    private String workloadKind = "Deployment";
    private String workload;
    private final Map<String, String> labels = new HashMap<>();
    private final Map<String, String> annotations = new HashMap<>();
    private final List<ContainerPort> ports = new ArrayList<>();
    private final List<Lifecycle.Probe> probes = new ArrayList<>();
    private final List<String> early = new ArrayList<>();
    private InboundCapture inbound = InboundCapture.EVERYTHING;
    private boolean hostNetwork;
    private boolean ready = true;
    private boolean terminated;
    private String ip = "";
    private final List<String> otherIps = new ArrayList<>();
    private String node = "node";
    private int proxyRestarts;
    private boolean proxyUnstarted;
    private Instant createdAt = EPOCH;

    private String uid = "";

    private PodBuilder(String name, DataPlane dataPlane) {
      this.name = name;
      this.workload = name;
      this.dataPlane = dataPlane;
      labels.put("app", name);
    }

    public PodBuilder label(String key, String value) {
      labels.put(key, value);
      return this;
    }

    /** For a pod that takes the name of another. */
    public PodBuilder uid(String own) {
      uid = own;
      return this;
    }

    public PodBuilder withoutLabel(String key) {
      labels.remove(key);
      return this;
    }

    public PodBuilder annotation(String key, String value) {
      annotations.put(key, value);
      return this;
    }

    public PodBuilder dataPlane(DataPlane plane) {
      dataPlane = plane;
      return this;
    }

    /** The workload behind the pod; it also becomes the pod's {@code app} label. */
    public PodBuilder of(String kind, String workloadName) {
      workloadKind = kind;
      workload = workloadName;
      labels.put("app", workloadName);
      return this;
    }

    /** Declares TCP container ports without a name. */
    public PodBuilder ports(int... numbers) {
      for (int number : numbers) {
        ports.add(new ContainerPort("", number, "TCP", 0));
      }
      return this;
    }

    public PodBuilder port(ContainerPort port) {
      ports.add(port);
      return this;
    }

    public PodBuilder namedPort(String portName, int number) {
      return port(new ContainerPort(portName, number, "TCP", 0));
    }

    /** A probe by HTTP that calls this container port, past the proxy's own. */
    public PodBuilder probe(int port) {
      probes.add(new Lifecycle.Probe("app", "readinessProbe", port, "/healthz"));
      return this;
    }

    /** Containers that run before the proxy does. */
    public PodBuilder early(String... containers) {
      early.addAll(List.of(containers));
      return this;
    }

    public PodBuilder excludeInbound(Integer... excluded) {
      inbound = new InboundCapture(true, Set.of(), Set.of(excluded));
      return this;
    }

    public PodBuilder includeInbound(Integer... included) {
      inbound = new InboundCapture(false, Set.of(included), Set.of());
      return this;
    }

    public PodBuilder hostNetwork() {
      hostNetwork = true;
      return this;
    }

    public PodBuilder notReady() {
      ready = false;
      return this;
    }

    public PodBuilder terminated() {
      terminated = true;
      return this;
    }

    public PodBuilder ip(String address) {
      ip = address;
      return this;
    }

    /** Addresses besides {@link #ip}. */
    public PodBuilder otherIps(String... addresses) {
      otherIps.addAll(List.of(addresses));
      return this;
    }

    public PodBuilder node(String name) {
      node = name;
      return this;
    }

    public PodBuilder proxyRestarts(int count) {
      proxyRestarts = count;
      return this;
    }

    /** Its proxy has never run: something before it fails, or does not end. */
    public PodBuilder proxyUnstarted() {
      proxyUnstarted = true;
      return notReady();
    }

    public PodBuilder createdAt(Instant instant) {
      createdAt = instant;
      return this;
    }

    public Pod build(String namespace) {
      return new Pod(
          new ObjectRef("Pod", namespace, name),
          uid.isEmpty() ? "uid-" + namespace + "-" + name : uid,
          new WorkloadRef(namespace, workloadKind, workload),
          labels,
          annotations,
          dataPlane,
          inbound,
          hostNetwork,
          ports,
          probes.isEmpty() && early.isEmpty() ? Lifecycle.PLAIN : new Lifecycle(probes, early),
          ip,
          otherIps,
          node,
          "default",
          ready,
          terminated,
          proxyRestarts,
          proxyUnstarted,
          createdAt);
    }
  }

  /** Builds {@link Service}. */
  public static final class ServiceBuilder {
    private final String name;
    private final Map<String, String> labels = new HashMap<>();
    private Map<String, String> selector;
    private Service.Type type = Service.Type.CLUSTER_IP;
    private boolean headless;
    private final List<Service.ServicePort> ports = new ArrayList<>();
    private Set<String> exportTo = Set.of();
    private List<String> clusterIps = List.of();
    private List<String> externalIps = List.of();
    private Instant createdAt = EPOCH;

    private ServiceBuilder(String name) {
      this.name = name;
      this.selector = Map.of("app", name);
    }

    public ServiceBuilder label(String key, String value) {
      labels.put(key, value);
      return this;
    }

    /** A TCP port named {@code http} that leads to a container port. */
    public ServiceBuilder port(int port, int targetPort) {
      return port("http", port, Integer.toString(targetPort));
    }

    public ServiceBuilder port(String portName, int port, String targetPort) {
      ports.add(new Service.ServicePort(portName, port, "TCP", "", targetPort, 0));
      return this;
    }

    public ServiceBuilder udp(int port, int targetPort) {
      ports.add(new Service.ServicePort("udp", port, "UDP", "", Integer.toString(targetPort), 0));
      return this;
    }

    public ServiceBuilder selector(Map<String, String> labels) {
      selector = labels;
      return this;
    }

    public ServiceBuilder type(Service.Type serviceType) {
      type = serviceType;
      return this;
    }

    public ServiceBuilder headless() {
      headless = true;
      return this;
    }

    public ServiceBuilder clusterIps(String... addresses) {
      clusterIps = List.of(addresses);
      return this;
    }

    public ServiceBuilder externalIps(String... addresses) {
      externalIps = List.of(addresses);
      return this;
    }

    public ServiceBuilder exportTo(String... namespaces) {
      exportTo = Set.of(namespaces);
      return this;
    }

    public ServiceBuilder createdAt(Instant instant) {
      createdAt = instant;
      return this;
    }

    public Service build(String namespace) {
      return new Service(
          new ObjectRef("Service", namespace, name),
          labels,
          Map.of(),
          selector,
          type,
          headless,
          ports,
          exportTo,
          clusterIps,
          externalIps,
          createdAt);
    }
  }

  /** Builds {@link PeerAuthentication}. */
  public static final class PolicyBuilder {
    private final String name;
    private final MtlsMode mode;
    private Map<String, String> selector = Map.of();
    private final Map<Integer, MtlsMode> ports = new HashMap<>();
    private final Map<String, String> annotations = new HashMap<>();
    private final List<ObjectMeta.FieldOwner> owners = new ArrayList<>();
    private Instant createdAt = EPOCH;

    private PolicyBuilder(String name, MtlsMode mode) {
      this.name = name;
      this.mode = mode;
    }

    public PolicyBuilder selector(String key, String value) {
      Map<String, String> next = new HashMap<>(selector);
      next.put(key, value);
      selector = next;
      return this;
    }

    public PolicyBuilder port(int containerPort, MtlsMode portMode) {
      ports.put(containerPort, portMode);
      return this;
    }

    /** Seconds after {@link #EPOCH}: the smaller, the older, and the oldest wins. */
    public PolicyBuilder createdAt(long seconds) {
      createdAt = EPOCH.plusSeconds(seconds);
      return this;
    }

    public PolicyBuilder annotation(String key, String value) {
      annotations.put(key, value);
      return this;
    }

    /** Adds a field manager; of the mode, if of the spec. */
    public PolicyBuilder owner(String manager, boolean ofSpec) {
      owners.add(new ObjectMeta.FieldOwner(manager, ofSpec, ofSpec));
      return this;
    }

    public PeerAuthentication build(String namespace) {
      ObjectMeta plain = meta("PeerAuthentication", namespace, name, createdAt);
      return new PeerAuthentication(
          new ObjectMeta(
              plain.ref(),
              plain.uid(),
              plain.resourceVersion(),
              createdAt,
              Map.of(),
              annotations,
              owners),
          new PeerAuthentication.Spec(selector, mode, ports));
    }
  }

  /** Builds {@link DestinationRule}. */
  public static final class DestinationRuleBuilder {
    private final String name;
    private final String host;
    private Set<String> exportTo = Set.of();
    private Map<String, String> workloadSelector = Map.of();
    private boolean policySet;
    private boolean secret;
    private DestinationRule.@Nullable ClientTlsMode tls;
    private boolean passthrough;
    private final Map<Integer, DestinationRule.PortPolicy> ports = new HashMap<>();
    private final List<DestinationRule.Subset> subsets = new ArrayList<>();
    private Instant createdAt = EPOCH;

    private DestinationRuleBuilder(String name, String host) {
      this.name = name;
      this.host = host;
    }

    public DestinationRuleBuilder tls(DestinationRule.ClientTlsMode mode) {
      tls = mode;
      policySet = true;
      return this;
    }

    /** A port-level setting; null means that the setting names no TLS mode. */
    public DestinationRuleBuilder port(
        int servicePort, DestinationRule.@Nullable ClientTlsMode mode) {
      ports.put(servicePort, new DestinationRule.PortPolicy(mode, false));
      policySet = true;
      return this;
    }

    /** The rule's own TLS settings name a Secret. */
    public DestinationRuleBuilder secret() {
      secret = true;
      return this;
    }

    /** A traffic policy that says nothing about TLS. */
    public DestinationRuleBuilder otherPolicy() {
      policySet = true;
      return this;
    }

    public DestinationRuleBuilder passthrough() {
      passthrough = true;
      policySet = true;
      return this;
    }

    public DestinationRuleBuilder subset(
        String subset, Map<String, String> labels, DestinationRule.@Nullable TrafficPolicy policy) {
      subsets.add(new DestinationRule.Subset(subset, labels, policy));
      return this;
    }

    public DestinationRuleBuilder exportTo(String... namespaces) {
      exportTo = Set.of(namespaces);
      return this;
    }

    public DestinationRuleBuilder workloadSelector(String key, String value) {
      workloadSelector = Map.of(key, value);
      return this;
    }

    /** Seconds after {@link #EPOCH}. */
    public DestinationRuleBuilder createdAt(long seconds) {
      createdAt = EPOCH.plusSeconds(seconds);
      return this;
    }

    public DestinationRule build(String namespace) {
      return new DestinationRule(
          meta("DestinationRule", namespace, name, createdAt),
          host,
          exportTo,
          workloadSelector,
          policySet ? new DestinationRule.TrafficPolicy(tls, secret, passthrough, ports) : null,
          subsets);
    }
  }

  /** Builds {@link SidecarScope}. */
  public static final class SidecarScopeBuilder {
    private final String name;
    private final List<String> egressHosts;
    private Map<String, String> workloadSelector = Map.of();
    private Boolean registryOnly;
    private boolean ingress;
    private List<Integer> ingressTlsPorts = List.of();

    private SidecarScopeBuilder(String name, List<String> egressHosts) {
      this.name = name;
      this.egressHosts = egressHosts;
    }

    public SidecarScopeBuilder workloadSelector(String key, String value) {
      workloadSelector = Map.of(key, value);
      return this;
    }

    public SidecarScopeBuilder registryOnly() {
      registryOnly = true;
      return this;
    }

    public SidecarScopeBuilder allowAny() {
      registryOnly = false;
      return this;
    }

    public SidecarScopeBuilder ingress() {
      ingress = true;
      return this;
    }

    public SidecarScopeBuilder ingressTls(Integer... ports) {
      ingress = true;
      ingressTlsPorts = List.of(ports);
      return this;
    }

    public SidecarScope build(String namespace) {
      return new SidecarScope(
          meta("Sidecar", namespace, name, EPOCH),
          workloadSelector,
          egressHosts,
          registryOnly,
          ingress,
          ingressTlsPorts);
    }
  }
}
