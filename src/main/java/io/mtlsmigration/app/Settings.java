package io.mtlsmigration.app;

import io.mtlsmigration.access.AuthMode;
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
import java.util.Set;
import org.hibernate.validator.constraints.time.DurationMin;

/** Configuration. Every key is described in docs/configuration.md. */
@ConfigMapping(prefix = "mtls-migration")
public interface Settings {

  /** A name of Kubernetes, with or without a prefix (k8s.io/apimachinery, IsQualifiedName). */
  String LABEL_KEY =
      "((?=[^/]{1,253}/)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?"
          + "[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?";

  String NO_LABEL_KEY =
      "'${validatedValue}' is no key of a label, such as owner or app.kubernetes.io/part-of";

  SandboxSettings sandbox();

  Cluster cluster();

  Istiod istiod();

  Loop loop();

  Probes probes();

  Prometheus prometheus();

  Wire wire();

  Hooks hooks();

  /** Labels of pods or namespaces that tell who looks after a workload; the first one counts. */
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
     * Name of a built-in scenario; read when neither {@code folder} nor {@code generate} is set.
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
    /** Whether there is one. */
    @WithDefault("auto")
    DeploymentMode.Mode mode();

    /** One kubeconfig, or several as in {@code $KUBECONFIG}. */
    Optional<String> kubeconfig();

    /** A context of the kubeconfig other than its current one. */
    Optional<String> context();

    /** Where the service keeps its records. */
    Optional<String> namespace();

    /** Prefixes of field managers of people, whose policies a plan may adopt. */
    @WithDefault("kubectl")
    List<String> personManagers();

    /** Until a connection to the API server stands. */
    @WithDefault("5s")
    Duration connectTimeout();

    /** Until the API server has answered. */
    @WithDefault("10s")
    Duration requestTimeout();

    /** Where this replica answers the others; without it nothing is forwarded. */
    Optional<String> address();

    Lease lease();
  }

  /** Istio's control plane. */
  interface Istiod {
    /** Where istiod runs and keeps its configuration. */
    @WithDefault("istio-system")
    String namespace();

    /** What istiod calls this cluster; needed where one istiod serves several. */
    Optional<String> clusterId();

    /** Until one istiod has told how its proxies follow. */
    @WithDefault("10s")
    Duration timeout();

    /** For so long it counts that a proxy was seen to follow. */
    @WithDefault("15s")
    Duration maxAge();

    /** Of one istiod's answer, in bytes. */
    @WithDefault("268435456")
    @Min(1048576) long maxBytes();
  }

  /** The lease that decides which replica acts. */
  interface Lease {
    @WithDefault("mtls-migration")
    String name();

    /** After so long without a renewal another replica takes over. */
    @WithDefault("15s")
    Duration duration();

    /** After so long without a renewal the leader stops acting. */
    @WithDefault("10s")
    Duration renewDeadline();

    /** Between two attempts. */
    @WithDefault("2s")
    Duration retryPeriod();
  }

  /** The loop that observes, decides and acts. */
  interface Loop {
    /** From the end of one tick to the start of the next. */
    @WithDefault("1s")
    Duration interval();
  }

  /** Probes from clients without a proxy, which servers count as plaintext like anybody's. */
  enum Plaintext {
    ALWAYS,
    /** Only where the mesh refuses them, so that they never count as calls. */
    REFUSED
  }

  /** Connectivity probes. */
  interface Probes {
    /** From the end of one round to the start of the next. */
    @WithDefault("2s")
    Duration interval();

    /** Each round starts up to this share of the interval later, so that replicas spread. */
    @WithDefault("0.1")
    double jitter();

    @WithDefault("5s")
    Duration timeout();

    /** Probes under way at once. */
    @WithDefault("32")
    @Min(1) @Max(1000) int concurrency();

    /** Label of pods that probes are made from, {@code key=value}. */
    @WithDefault("app=curl")
    String clientLabel();

    /** Where such pods may be, and whose word counts by itself; anywhere when empty. */
    Optional<Set<String>> clientNamespaces();

    /** The container with curl, where pods are real. */
    @WithDefault("curl")
    String container();

    /** Whether ports that speak neither HTTP nor HTTPS are probed. */
    @WithDefault("true")
    boolean tcpPorts();

    /** When pods are placed to be probed from. */
    @WithDefault("off")
    Agents agents();

    /** Where such pods may be; anywhere when empty. */
    Optional<Set<String>> agentNamespaces();

    @WithDefault("curlimages/curl:8.16.0")
    String agentImage();

    /** Up to this many pairs every client calls every port; beyond, representative pairs. */
    @WithDefault("500")
    @Min(1) int fullMatrixLimit();

    /** Which probes without a proxy a round makes. */
    @WithDefault("always")
    Plaintext plaintext();
  }

  /** When pods are placed to be probed from. */
  enum Agents {
    OFF,
    /** Where no pod has curl. */
    MISSING
  }

  /** Where traffic is measured, on a real mesh. */
  interface Prometheus {
    /** Base address of the HTTP API. */
    Optional<URI> url();

    /** Bearer token. */
    Optional<String> token();

    /** File with a bearer token, read again for each request. */
    Optional<Path> tokenFile();

    /** Basic authentication. */
    Optional<String> username();

    Optional<String> password();

    /** Sent with each request. */
    Map<String, String> headers();

    /** Name of a TLS configuration ({@code quarkus.tls.NAME.*}). */
    Optional<String> tls();

    @WithDefault("10s")
    Duration timeout();

    /** After no answer, 429 or 5xx. */
    @WithDefault("2")
    @Min(0) @Max(10) int retries();

    /** A reading is shared for so long. */
    @WithDefault("30s")
    Duration refresh();
  }

  /** Captures, where pods are real. */
  interface Wire {
    /** Network interface of pods. */
    @WithDefault("eth0")
    String device();

    /** Of one capture, in bytes. */
    @WithDefault("8388608")
    @Min(4096) @Max(268435456) int maxBytes();

    /** Image with tcpdump for an ephemeral container; none is added when empty. */
    Optional<String> ephemeralImage();
  }

  /** Webhooks of plans. */
  interface Hooks {
    /** Address ranges that they may lead to, though they are closed otherwise. */
    Optional<List<String>> allow();

    /** Receivers that are shown credentials, by a name. */
    Map<String, Receiver> receivers();

    /** Name of a TLS configuration ({@code quarkus.tls.NAME.*}). */
    Optional<String> tls();

    @WithDefault("2s")
    Duration connectTimeout();

    /** For one call in all. */
    @WithDefault("10s")
    Duration timeout();

    /** Calls under way at once. */
    @WithDefault("16")
    @Min(1) @Max(1000) int concurrency();

    /** For so long a consent counts. */
    @WithDefault("30s")
    Duration answerAge();

    /** After a refusal, before it is asked again. */
    @WithDefault("30s")
    Duration refusalPause();

    /** After the first failure; doubled with each further one. */
    @WithDefault("1s")
    Duration retryPause();

    /** Between two attempts. */
    @WithDefault("5m")
    Duration longestPause();

    /** For so long a hook is told what has happened. */
    @WithDefault("24h")
    Duration keepTrying();
  }

  /** A receiver of hooks that is shown credentials. */
  interface Receiver {
    /** Hooks under this URL are its. */
    URI url();

    /** Bearer token. */
    Optional<String> token();

    /** File with a bearer token, read again for each call. */
    Optional<Path> tokenFile();

    /** Sent with each call. */
    Map<String, String> headers();
  }

  /** What is read of the access logs of servers that get plaintext, to name who sends it. */
  interface AccessLogs {
    /** Bytes a second at most, all logs together; 0 = none are read, and nobody is named. */
    @WithDefault("1048576")
    @Min(0) @Max(1073741824) long maxRate();

    /** Where ztunnel's DaemonSet runs; where istiod does when it is empty. */
    Optional<String> ztunnelNamespace();
  }

  /** What plans may ask for. */
  interface LimitSettings {
    /** For so long an old plaintext connection may live on after the switch. */
    Optional<Duration> drain();

    /** Between two scrapes of a proxy. */
    @WithDefault("60s")
    Duration scrapeInterval();

    /** Until a line of an access log can be read. */
    @WithDefault("2s")
    Duration logLag();

    /** Plans that may be there, those that have ended included. */
    @WithDefault("500")
    @Min(1) int plans();
  }

  /** What plans ask for. */
  interface Gates {
    Least least();
  }

  /** What every plan has to ask for, unless somebody with the verb override makes it. */
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

    /** That a range in ignoreClients may have. */
    @WithDefault("9223372036854775807")
    @Min(1) long ignoredAddresses();
  }

  /** Streams of events. */
  interface Events {
    /** Between comments that keep a quiet stream open, and find out that a reader has gone. */
    @WithDefault("15s")
    Duration heartbeat();

    /** After which a stream ends, for its reader to come anew and show again who it is. */
    @WithDefault("30m")
    Duration lifetime();

    /** After which the connection of a reader that was dropped is closed, if it does not read. */
    @WithDefault("30s")
    Duration grace();

    /** Streams at once. */
    @WithDefault("1000")
    int maxStreams();

    /** Events that a stream may leave unread before it is dropped. */
    @WithDefault("1000")
    int maxWaiting();
  }

  /** How long heads of requests may take to arrive. */
  interface Head {
    /** From the first byte; zero for as long as it likes. */
    @WithDefault("20s")
    @DurationMin
    Duration timeout();
  }

  /** How long bodies may take to arrive. */
  interface Body {
    /** The body of a command. */
    @WithDefault("30s")
    Duration timeout();

    /** The manifests of an analysis. */
    @WithDefault("5m")
    Duration analysisTimeout();
  }

  /** Who may call; docs/access.md. */
  interface Auth {
    /** By default that of the place: {@code kubernetes} in a cluster, {@code none} elsewhere. */
    Optional<AuthMode> mode();

    Kubernetes kubernetes();

    Oidc oidc();

    /** TokenReview and SubjectAccessReview. */
    interface Kubernetes {
      /** Of which a token must be meant for one; by default those of the API server. */
      Optional<List<String>> audiences();

      /** Without an answer of the API server by then, a call is answered with 503. */
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

  /** For a first look. */
  interface Demo {
    /** A plan to create and start once the service is up. */
    Optional<String> plan();

    /** Print the matrix and each transition, for people who watch the console. */
    @WithDefault("true")
    boolean narrate();
  }
}
