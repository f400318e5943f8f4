// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.probe;

import io.mtlsmigration.mesh.Cidr;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.probe.PortSpeech;
import io.mtlsmigration.probe.ProbeTarget;
import io.mtlsmigration.traffic.OwnProbes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The command line of a probe: arguments without a shell, containing only names and addresses whose
 * syntax was checked.
 *
 * <p>A port that does not speak HTTP gets three empty lines by {@code gopher}, the one protocol of
 * curl that sends arbitrary text and prints the answer. Six bytes are the minimum: Envoy's TLS
 * inspector waits for five before it knows that a connection is not TLS, and a server in STRICT
 * mode treats a silent client as one that has not begun yet.
 *
 * @param mark begins each line that curl writes about a call; a server cannot know it, but whoever
 *     runs the client's container can
 * @param proxied true when a proxy of the client reads the calls, and may answer them itself
 */
record CurlCommand(List<String> arguments, PortSpeech speech, String mark, boolean proxied) {

  /** The user agent by which logs and captures tell probes from calls. */
  static final String USER_AGENT = "mtls-migration-probe";

  /** The time after which an open and silent connection counts as accepted. */
  private static final Duration SILENCE = Duration.ofSeconds(2);

  /** The same time where several calls have to fit into one probe. */
  private static final Duration SHORT_SILENCE = Duration.ofSeconds(1);

  /** The connect timeout; a client that connects at all connects within it. */
  private static final Duration CONNECT = Duration.ofSeconds(3);

  /**
   * The limit of a body, in bytes. Bodies are not needed: curl aborts longer ones, with the status
   * known.
   */
  private static final String MOST_BYTES = "16384";

  /** The rate limit, which bounds bodies of unknown length. */
  private static final String MOST_BYTES_A_SECOND = "256K";

  /**
   * The format that {@link CurlOutput} reads. curl before 7.75 leaves {@code exitcode} empty, and
   * before 7.84 prints the names of headers as they are.
   */
  private static final String FORMAT =
      " %{http_code} %{exitcode} %{time_total} %{time_connect} %{time_appconnect}"
          + " %{time_starttransfer} %{size_download}"
          + " %header{x-envoy-upstream-service-time} %header{server}";

  /** Needed once for each call, with a place and a URL. */
  private static final String OUTPUT = "--output";

  private static final int ARGUMENTS_OF_A_CALL = 3;

  private static final String FAIL_EARLY = "--fail-early";

  /** The selector of a gopher request; curl adds one more line end. */
  private static final String EMPTY_LINES = "/_%0d%0a%0d%0a";

  /** An RFC 1123 label; Services are RFC 1035 labels, a subset. */
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

  private static final int MOST_PORT = 65_535;

  CurlCommand {
    arguments = List.copyOf(arguments);
  }

  /** Returns the maximum number of calls. */
  int calls() {
    return Collections.frequency(arguments, OUTPUT);
  }

  /**
   * Returns the command for the calls that are left where one that got through was an error to
   * curl, which {@link #FAIL_EARLY} ends at.
   *
   * @param made the number of calls that were made
   */
  CurlCommand rest(int made) {
    List<String> rest =
        new ArrayList<>(arguments.subList(0, arguments.size() - made * ARGUMENTS_OF_A_CALL));
    rest.remove(FAIL_EARLY);
    return new CurlCommand(rest, speech, mark, proxied);
  }

  /** Returns why this target is not probed; null when it can be. */
  static @Nullable String obstacle(ProbeTarget target, ProbeOptions options) {
    if (!LABEL.matcher(target.service().name()).matches()
        || !LABEL.matcher(target.service().namespace()).matches()
        || target.backends().stream().anyMatch(b -> !address(b))) {
      return "the Service's name, port or endpoint has a form that Kubernetes does not allow";
    }
    return switch (PortSpeech.of(target.port())) {
      case NOT_TO_BE_PROBED ->
          "MySQL bars clients that connect without logging in, so its ports are not probed";
      case TCP, TLS ->
          options.tcpPorts()
              ? headlessObstacle(target)
              : "ports that do not speak HTTP are not probed (mtls-migration.probes.tcp-ports)";
      case HTTP, HTTP2, HTTPS -> headlessObstacle(target);
    };
  }

  /**
   * Returns why a headless Service is not probed; null when it can be. A client with a sidecar
   * calls it at its own port (the listener is for that), which must equal the pods' port, since
   * nothing translates it.
   */
  private static @Nullable String headlessObstacle(ProbeTarget target) {
    return target.service().headless()
            && sidecar(target)
            && target.port().port() != target.backend().targetPort()
        ? "nothing listens at the port of this headless Service; its pods listen at "
            + target.backend().targetPort()
        : null;
  }

  private static boolean address(Backend backend) {
    return Cidr.address(backend.ip()).isPresent() && port(backend.targetPort());
  }

  private static boolean port(int port) {
    return port > 0 && port <= MOST_PORT;
  }

  private static boolean sidecar(ProbeTarget target) {
    return target.client().dataPlane() == DataPlane.SIDECAR;
  }

  /**
   * Returns the command for a target without {@link #obstacle}.
   *
   * @param port the source port of a client without a proxy; 0 for any port of the probes' range
   * @param timeout for each call
   */
  static CurlCommand of(ProbeTarget target, int port, Duration timeout, String mark) {
    PortSpeech speech = PortSpeech.of(target.port());
    boolean http = speaksHttp(speech);
    int calls = http ? target.calls() : silentCalls(target, timeout);
    List<String> arguments = new ArrayList<>(List.of("curl", "--disable", "--silent"));
    arguments.addAll(List.of("--show-error", "--noproxy", "*", "--user-agent", USER_AGENT));
    arguments.addAll(List.of("--max-time", seconds(http ? timeout : silence(calls, timeout))));
    arguments.addAll(List.of("--connect-timeout", seconds(least(timeout, CONNECT))));
    arguments.addAll(List.of("--max-filesize", MOST_BYTES, "--limit-rate", MOST_BYTES_A_SECOND));
    if (target.client().dataPlane() == DataPlane.NONE) {
      String any = OwnProbes.FIRST_PORT + "-" + OwnProbes.LAST_PORT;
      arguments.addAll(List.of("--local-port", port == 0 ? any : Integer.toString(port)));
    }
    arguments.addAll(List.of("--write-out", "\n" + mark + FORMAT + "\n"));
    arguments.addAll(manner(speech, calls));
    if (target.pinned()) {
      arguments.addAll(List.of("--connect-to", "::" + pinnedTo(target)));
    }
    if (http && calls > 1) {
      // A failed call ends the probe; curl's exit code tells how it failed.
      arguments.add(FAIL_EARLY);
    }
    for (int i = 0; i < calls; i++) {
      arguments.addAll(List.of(OUTPUT, "-", url(target, speech)));
    }
    boolean proxied = sidecar(target) && (speech == PortSpeech.HTTP || speech == PortSpeech.HTTP2);
    return new CurlCommand(arguments, speech, mark, proxied);
  }

  static boolean speaksHttp(PortSpeech speech) {
    return switch (speech) {
      case HTTP, HTTP2, HTTPS -> true;
      case TLS, TCP, NOT_TO_BE_PROBED -> false;
    };
  }

  private static int silentCalls(ProbeTarget target, Duration timeout) {
    return (int) Math.max(1, Math.min(target.calls(), timeout.dividedBy(SHORT_SILENCE)));
  }

  private static Duration silence(int calls, Duration timeout) {
    return least(timeout, calls > 1 ? SHORT_SILENCE : SILENCE);
  }

  private static List<String> manner(PortSpeech speech, int calls) {
    return switch (speech) {
      // Each call uses a new connection: one that is kept open outlives a change of mode.
      case HTTP -> List.of("--http1.1", "--header", "Connection: close");
      case HTTP2 -> List.of("--http2-prior-knowledge");
      // By HTTP/2, which servers choose, all calls would share one, and reach one endpoint.
      case HTTPS ->
          calls > 1
              ? List.of("--http1.1", "--insecure", "--header", "Connection: close")
              : List.of("--insecure", "--header", "Connection: close");
      case TLS -> List.of("--insecure");
      case TCP, NOT_TO_BE_PROBED -> List.of();
    };
  }

  private static String pinnedTo(ProbeTarget target) {
    Backend backend = target.backend();
    String ip = backend.ip().contains(":") ? "[" + backend.ip() + "]" : backend.ip();
    return ip + ":" + backend.targetPort();
  }

  /** Returns the URL with the name that DNS and sidecars know in every cluster domain. */
  private static String url(ProbeTarget target, PortSpeech speech) {
    String authority =
        "%s.%s.svc:%d"
            .formatted(target.service().name(), target.service().namespace(), target.port().port());
    return switch (speech) {
      case HTTP, HTTP2 -> "http://" + authority + "/";
      case HTTPS -> "https://" + authority + "/";
      case TLS -> "gophers://" + authority + EMPTY_LINES;
      case TCP, NOT_TO_BE_PROBED -> "gopher://" + authority + EMPTY_LINES;
    };
  }

  private static Duration least(Duration a, Duration b) {
    return a.compareTo(b) <= 0 ? a : b;
  }

  private static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.3f", duration.toMillis() / 1000.0);
  }
}
