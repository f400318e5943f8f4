// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.access.AuthMode;
import io.mtlsmigration.hook.NoticeFormat;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.notice.NoticeKind;
import io.mtlsmigration.notice.NoticeSeverity;
import io.mtlsmigration.plan.PlanSpec;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

/** Configuration. Every key is described in docs/configuration.md. */
@ConfigMapping(prefix = "mtls-migration")
public interface Settings {

  /** A qualified name, with or without a prefix (k8s.io/apimachinery, IsQualifiedName). */
  String LABEL_KEY =
      "((?=[^/]{1,253}/)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?"
          + "[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?";

  String NO_LABEL_KEY =
      "'${validatedValue}' is no key of a label, such as owner or app.kubernetes.io/part-of";

  String WEB_ADDRESS = "https?://[^/?#@\\s][^?#@\\s]*";

  String NO_WEB_ADDRESS = "expected https://HOST/PATH without query, got '${validatedValue}'";

  SandboxSettings sandbox();

  Cluster cluster();

  Istiod istiod();

  Loop loop();

  Probes probes();

  Prometheus prometheus();

  Wire wire();

  Hooks hooks();

  /** Receivers of notices, by a name; docs/notices.md. */
  Map<String, NoticeSettings> notices();

  /** The address at which people open the page, which notices lead to; no links when empty. */
  Optional<URI> publicUrl();

  /**
   * The address of the Grafana with our dashboards, which the page leads to; no links when empty.
   */
  Optional<@Pattern(regexp = WEB_ADDRESS, message = NO_WEB_ADDRESS) String> grafanaUrl();

  /** Labels of pods or namespaces that name a workload's owner; the first one found counts. */
  @WithDefault("owner,team,app.kubernetes.io/part-of")
  Optional<List<@Pattern(regexp = LABEL_KEY, message = NO_LABEL_KEY) String>> ownerLabels();

  AccessLogs accessLogs();

  LimitSettings limits();

  Gates gates();

  Events events();

  Head head();

  Body body();

  Auth auth();

  Demo demo();

  /** The embedded sandbox. */
  interface SandboxSettings {
    /**
     * The name of a built-in scenario; read when neither {@code folder} nor {@code generate} is
     * set.
     */
    @WithDefault("task")
    String scenario();

    /** A folder of manifests. */
    Optional<String> folder();

    /** {@code namespaces=N,pods=M}. */
    Optional<String> generate();
  }

  /** A real cluster. */
  interface Cluster {
    /** Whether to use a cluster. */
    @WithDefault("auto")
    DeploymentMode.Mode mode();

    /** One kubeconfig, or several as in {@code $KUBECONFIG}. */
    Optional<String> kubeconfig();

    /** A context of the kubeconfig other than its current one. */
    Optional<String> context();

    /** The namespace of the service's records. */
    Optional<String> namespace();

    /** Prefixes of field managers of people, whose policies a plan may adopt. */
    @WithDefault("kubectl")
    List<String> personManagers();

    /** The limit for connecting to the API server. */
    @WithDefault("5s")
    Duration connectTimeout();

    /** The limit for an answer of the API server. */
    @WithDefault("10s")
    Duration requestTimeout();

    /** The address where this replica answers the others; without it nothing is forwarded. */
    Optional<String> address();

    Lease lease();
  }

  /** Istio's control plane. */
  interface Istiod {
    /** The namespace of istiod and its configuration. */
    @WithDefault("istio-system")
    String namespace();

    /** What the names of Services end in. */
    @WithDefault(MeshSettings.CLUSTER_DOMAIN)
    @Pattern(
        regexp = "[a-z0-9-]+(\\.[a-z0-9-]+)*",
        message = "must be a domain such as cluster.local, without a dot at either end")
    String clusterDomain();

    /** istiod's name for this cluster; needed where one istiod serves several. */
    Optional<String> clusterId();

    /** The limit for one istiod's answer. */
    @WithDefault("10s")
    Duration timeout();

    /** How long an observation that a proxy follows stays valid. */
    @WithDefault("15s")
    Duration maxAge();

    /** The limit of one istiod's answer, in bytes. */
    @WithDefault("268435456")
    @Min(1048576) long maxBytes();
  }

  /** The lease that decides which replica acts. */
  interface Lease {
    @WithDefault("mtls-migration")
    String name();

    /** The time without a renewal after which another replica takes over. */
    @WithDefault("15s")
    Duration duration();

    /** The time without a renewal after which the leader stops acting. */
    @WithDefault("10s")
    Duration renewDeadline();

    /** The pause between two attempts. */
    @WithDefault("2s")
    Duration retryPeriod();
  }

  /** The loop that observes, decides and acts. */
  interface Loop {
    /** The pause from the end of one tick to the start of the next. */
    @WithDefault("1s")
    Duration interval();
  }

  /** Probes from clients without a proxy, which servers count like any other plaintext. */
  enum Plaintext {
    ALWAYS,
    /** Only where the mesh refuses them, so that they never count as calls. */
    REFUSED
  }

  /** Connectivity probes. */
  interface Probes {
    /** The pause from the end of one round to the start of the next. */
    @WithDefault("2s")
    Duration interval();

    /** The share of the interval by which each round is randomly delayed, to spread replicas. */
    @WithDefault("0.1")
    double jitter();

    @WithDefault("5s")
    Duration timeout();

    /** The maximum number of concurrent probes. */
    @WithDefault("32")
    @Min(1) @Max(1000) int concurrency();

    /** The label of pods that probes are made from, {@code key=value}. */
    @WithDefault("app=curl")
    String clientLabel();

    /** The namespaces of such pods, whose evidence counts by itself; anywhere when empty. */
    Optional<Set<String>> clientNamespaces();

    /** The container with curl, where pods are real. */
    @WithDefault("curl")
    String container();

    /** Whether ports that speak neither HTTP nor HTTPS are probed. */
    @WithDefault("true")
    boolean tcpPorts();

    /** Whether servers' pods are asked for the connections that are open at them. */
    @WithDefault("true")
    boolean openConnections();

    /** The times at which agents, pods to probe from, are placed. */
    @WithDefault("off")
    Agents agents();

    /** The namespaces where agents may be placed; anywhere when empty. */
    Optional<Set<String>> agentNamespaces();

    @WithDefault("curlimages/curl:8.16.0")
    String agentImage();

    /** The user id of agents; empty where the cluster chooses it, as OpenShift does. */
    @WithDefault("65532")
    OptionalLong agentUser();

    /** The limit of pairs for which every client calls every port; else representative pairs. */
    @WithDefault("500")
    @Min(1) int fullMatrixLimit();

    /** The probes without a proxy that a round makes. */
    @WithDefault("always")
    Plaintext plaintext();
  }

  /** When to place agents, pods to probe from. */
  enum Agents {
    OFF,
    /** Where no pod has curl. */
    MISSING
  }

  /** Prometheus, the source of traffic on a real mesh. */
  interface Prometheus {
    /** The base address of the HTTP API. */
    Optional<URI> url();

    /** A bearer token. */
    Optional<String> token();

    /** A file with a bearer token, read again for each request. */
    Optional<Path> tokenFile();

    /** Basic authentication. */
    Optional<String> username();

    Optional<String> password();

    /** Headers of each request. */
    Map<String, String> headers();

    /** The name of a TLS configuration ({@code quarkus.tls.NAME.*}). */
    Optional<String> tls();

    @WithDefault("10s")
    Duration timeout();

    /** The number of retries after no answer, 429 or 5xx. */
    @WithDefault("2")
    @Min(0) @Max(10) int retries();

    /** How long a reading is shared. */
    @WithDefault("30s")
    Duration refresh();
  }

  /** Captures on real pods. */
  interface Wire {
    /** The network interface of pods. */
    @WithDefault("eth0")
    String device();

    /** The limit of one capture, in bytes. */
    @WithDefault("8388608")
    @Min(4096) @Max(268435456) int maxBytes();

    /** The image with tcpdump for an ephemeral container; none is added when empty. */
    Optional<String> ephemeralImage();
  }

  /** Webhooks of plans. */
  interface Hooks {
    /** Address ranges that they may call although these are closed by default. */
    Optional<List<String>> allow();

    /** Receivers that get credentials, by a name. */
    Map<String, Receiver> receivers();

    /** The name of a TLS configuration ({@code quarkus.tls.NAME.*}). */
    Optional<String> tls();

    @WithDefault("2s")
    Duration connectTimeout();

    /** The limit for one call in all. */
    @WithDefault("10s")
    Duration timeout();

    /** The maximum number of concurrent calls. */
    @WithDefault("16")
    @Min(1) @Max(1000) int concurrency();

    /** How long a consent stays valid. */
    @WithDefault("30s")
    Duration answerAge();

    /** The pause after a refusal before it is asked again. */
    @WithDefault("30s")
    Duration refusalPause();

    /** The pause after the first failure; doubled with each further one. */
    @WithDefault("1s")
    Duration retryPause();

    /** The longest pause between two attempts. */
    @WithDefault("5m")
    Duration longestPause();

    /** How long an event is retried. */
    @WithDefault("24h")
    Duration keepTrying();
  }

  /** A receiver of hooks that gets credentials. */
  interface Receiver {
    /** The prefix of its hooks' URLs. */
    URI url();

    /** Bearer token. */
    Optional<String> token();

    /** A file with a bearer token, read again for each call. */
    Optional<Path> tokenFile();

    /** Headers of each call. */
    Map<String, String> headers();
  }

  /** A receiver of notices. */
  interface NoticeSettings {
    /**
     * Either this or the file; whoever knows that of a chat may write there. A text, because a
     * converter's error would print it.
     */
    Optional<String> url();

    /** A file with the URL, read again for each call. */
    Optional<Path> urlFile();

    NoticeFormat format();

    /** Names of plans; all when empty. */
    Optional<Set<String>> plans();

    /** Owners of namespaces and exceptions; everybody's, and nobody's, when empty. */
    Optional<Set<String>> owners();

    /** The least severity. */
    @WithDefault("info")
    NoticeSeverity severity();

    /** All when empty. */
    Optional<Set<NoticeKind>> kinds();

    /** Times of day ({@code 09:00}) at which a digest is sent; at once when empty. */
    Optional<List<String>> digest();

    /** The time zone of these times, such as {@code Europe/Berlin}. */
    @WithDefault("UTC")
    String zone();

    /** Bearer token. */
    Optional<String> token();

    /** A file with a bearer token, read again for each call. */
    Optional<Path> tokenFile();

    /** Headers of each call. */
    Map<String, String> headers();

    /** The age at which a notice that does not get through is given up. */
    @WithDefault("3d")
    Duration keepTrying();
  }

  /** The reading of access logs of servers that get plaintext, to name its senders. */
  interface AccessLogs {
    /** The maximum rate in bytes a second for all logs; 0 = no log read, no sender named. */
    @WithDefault("1048576")
    @Min(0) @Max(1073741824) long maxRate();

    /** The namespace of ztunnel's DaemonSet; istiod's when empty. */
    Optional<String> ztunnelNamespace();
  }

  /** Limits of what plans may ask for. */
  interface LimitSettings {
    /** How long an old plaintext connection may live on after the switch. */
    Optional<Duration> drain();

    /** The interval between two scrapes of a proxy. */
    @WithDefault("60s")
    Duration scrapeInterval();

    /** The delay until a line of an access log can be read. */
    @WithDefault("2s")
    Duration logLag();

    /**
     * The time for which a plaintext connection must be open to count as one that is held; longer
     * than a call takes, and less than five minutes, the age up to which a list of them counts.
     */
    @WithDefault("30s")
    @DurationMin(seconds = 5)
    @DurationMax(minutes = 2)
    Duration heldConnection();

    /** The maximum number of plans, including those that have ended. */
    @WithDefault("500")
    @Min(1) int plans();
  }

  /** Settings of plans' gates. */
  interface Gates {
    Least least();
  }

  /** The minimum that every plan has to ask for, unless made by somebody with the verb override. */
  interface Least {
    @WithDefault("none")
    PlanSpec.Approval approval();

    @WithDefault("0s")
    Duration soak();

    @WithDefault("0s")
    Duration plaintextWindow();

    @WithDefault("false")
    boolean probes();

    @WithDefault("pass")
    PlanSpec.NoSamples noSamples();

    @WithDefault("2147483647")
    @Min(0) int maxRefusals();

    @WithDefault("1")
    double maxClientFailureRatio();

    /** The maximum number of addresses of a range in ignoreClients. */
    @WithDefault("9223372036854775807")
    @Min(1) long ignoredAddresses();
  }

  /** Streams of events. */
  interface Events {
    /** The interval of comments, which keep a quiet stream open and detect lost readers. */
    @WithDefault("15s")
    Duration heartbeat();

    /** The lifetime of a stream, after which its reader has to reconnect and authenticate again. */
    @WithDefault("30m")
    Duration lifetime();

    /** The time after which the connection of a dropped reader is closed, if it does not read. */
    @WithDefault("30s")
    Duration grace();

    /** The maximum number of concurrent streams. */
    @WithDefault("1000")
    int maxStreams();

    /** The number of events that a stream may leave unread before it is dropped. */
    @WithDefault("1000")
    int maxWaiting();
  }

  /** Limits for the arrival of requests' heads. */
  interface Head {
    /** The limit from the first byte; zero for none. */
    @WithDefault("20s")
    @DurationMin
    Duration timeout();
  }

  /** Limits for the arrival of bodies. */
  interface Body {
    /** The limit for the body of a command. */
    @WithDefault("30s")
    Duration timeout();

    /** The limit for the manifests of an analysis. */
    @WithDefault("5m")
    Duration analysisTimeout();
  }

  /** Authentication and authorization; docs/access.md. */
  interface Auth {
    /** The mode; by default {@code kubernetes} in a cluster, {@code none} elsewhere. */
    Optional<AuthMode> mode();

    Kubernetes kubernetes();

    Oidc oidc();

    /** Options of TokenReview and SubjectAccessReview. */
    interface Kubernetes {
      /** The audiences of which a token must name one; by default those of the API server. */
      Optional<List<String>> audiences();

      /** The limit for an answer of the API server, after which a call is answered with 503. */
      @WithDefault("5s")
      Duration timeout();
    }

    /** Groups (roles of the token) whose members have a role. */
    interface Oidc {
      Optional<List<String>> viewers();

      Optional<List<String>> operators();

      Optional<List<String>> approvers();

      Optional<List<String>> admins();
    }
  }

  /** The demo, for a first look. */
  interface Demo {
    /** A plan to create and start once the service is up. */
    Optional<String> plan();

    /** Print the matrix and each transition, for people who watch the console. */
    @WithDefault("true")
    boolean narrate();
  }
}
