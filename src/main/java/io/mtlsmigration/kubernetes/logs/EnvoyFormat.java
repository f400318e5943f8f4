// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.traffic.LineLoss;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The access log of a sidecar.
 *
 * <p>Only values that Envoy itself fills in are evidence, by their operator: the response code
 * detail {@code filter_chain_not_found} (envoy docs, response_code_details) means that no filter
 * chain accepts plaintext. Values from clients, such as headers, names, paths and methods, are
 * never evidence.
 *
 * @param pod whose sidecar writes
 */
record EnvoyFormat(Pod pod, EnvoyLayouts layouts) implements LineFormat {

  private static final String DETAIL = "filter_chain_not_found";

  /** The prefix of inbound clusters, including that of unknown ports. */
  private static final String INBOUND = "inbound|";

  private static final String PASSTHROUGH = "InboundPassthroughCluster";

  /** What the name of a cluster that a call went to has in it. */
  private static final Set<String> CLUSTERS = Set.of(INBOUND, "outbound|", "PassthroughCluster");

  /**
   * The beginning of the server names of Istio's mutual TLS (pilot/pkg/model/service.go, {@code
   * BuildDNSSrvSubsetKey}). Other names are those of an application's own TLS, or of a
   * DestinationRule's {@code sni}: the line does not tell which.
   */
  private static final String MUTUAL = "outbound_";

  /** The values that Envoy writes for nothing. */
  private static final Set<String> NOTHING = Set.of("-", "", "null");

  /** The values, none longer than a name in DNS, without which no call is told to be plaintext. */
  private static final Set<String> NEEDED =
      Set.of(EnvoyOperators.PROTOCOL, EnvoyOperators.SERVER_NAME, EnvoyOperators.LOCAL);

  /** The values, besides a client's address, without which no entry tells of a refusal. */
  private static final Set<String> REFUSAL =
      Set.of(
          EnvoyOperators.CODE, EnvoyOperators.FLAGS, EnvoyOperators.DETAILS, EnvoyOperators.LOCAL);

  /**
   * In any format an entry without the pod's end of the connection cannot be attributed, and one
   * without what a refusal is told by is no sign that refusals are logged.
   */
  @Override
  public boolean tellsOfAConnection(String entry) {
    if (!about(entry)) {
      return false;
    }
    Map<String, String> values = layouts.read(entry);
    return values.keySet().containsAll(REFUSAL)
        && hasOrigin(values)
        && Stream.of(EnvoyOperators.LOCAL, EnvoyOperators.REMOTE, EnvoyOperators.DIRECT)
            .flatMap(operator -> address(values, operator).stream())
            .anyMatch(end -> pod.hasAddress(end.ip()));
  }

  /** A refused connection has no request, so no client can have forged anything in the entry. */
  @Override
  public Optional<RefusalLine> refusal(Instant at, String entry) {
    if (!entry.contains(DETAIL)) {
      return Optional.empty();
    }
    Map<String, String> values = layouts.read(entry);
    Address server = address(values, EnvoyOperators.LOCAL).orElse(null);
    Address client =
        address(values, EnvoyOperators.DIRECT)
            .or(() -> address(values, EnvoyOperators.REMOTE))
            .orElse(null);
    return refused(values) && server != null && client != null && between(client, server)
        ? Optional.of(new RefusalLine(at, client, server))
        : Optional.empty();
  }

  private static boolean refused(Map<String, String> values) {
    return DETAIL.equals(values.get(EnvoyOperators.DETAILS))
        && "NR".equals(values.get(EnvoyOperators.FLAGS))
        && "0".equals(values.get(EnvoyOperators.CODE))
        && NOTHING.contains(values.getOrDefault(EnvoyOperators.PROTOCOL, "-"));
  }

  /**
   * No client has a part in the entry of a refusal, but the runtime has: of a long line of the
   * other stream it writes a part (tag {@code P} of the CRI's log format), and the kubelet lets the
   * next entry follow on the same line (pkg/kubelet/kuberuntime/logs/logs.go, {@code ReadLogs}).
   * What a client has made unreadable by its headers went to a cluster, which the entry names after
   * them; otherwise anybody could hold up verifications. A refusal at an address that Kubernetes
   * does not know, such as that of a second network, is of no known server.
   */
  @Override
  public Optional<LineLoss> doubtOfRefusal(String entry) {
    if (!entry.contains(DETAIL)) {
      return Optional.empty();
    }
    Map<String, String> values = layouts.read(entry);
    boolean elsewhere =
        address(values, EnvoyOperators.LOCAL).filter(at -> !pod.hasAddress(at.ip())).isPresent();
    String after = entry.substring(entry.lastIndexOf(DETAIL));
    boolean unreadable =
        values.isEmpty() && about(entry) && CLUSTERS.stream().noneMatch(after::contains);
    return unreadable || (refused(values) && elsewhere)
        ? Optional.of(LineLoss.HIDDEN)
        : Optional.empty();
  }

  /**
   * The cluster proves that the call was inbound, and the missing server name of the TLS handshake,
   * which Istio's mutual TLS always sends, that there was none; or else that the proxy ended no
   * TLS, where the format has it: then a client's own TLS went through to the application.
   */
  @Override
  public Optional<PlaintextLine> plaintext(Instant at, String entry) {
    if (!entry.contains(INBOUND) && !entry.contains(PASSTHROUGH)) {
      return Optional.empty();
    }
    Map<String, String> values = layouts.read(entry);
    boolean taken =
        incoming(values.getOrDefault(EnvoyOperators.CLUSTER, ""))
            && values.containsKey(EnvoyOperators.PROTOCOL)
            && (nothing(values, EnvoyOperators.SERVER_NAME)
                || nothing(values, EnvoyOperators.TLS_VERSION)
                || nothing(values, EnvoyOperators.PEER));
    Address server = address(values, EnvoyOperators.LOCAL).orElse(null);
    Address client = peer(values).orElse(null);
    if (!taken || server == null || client == null || !between(client, server)) {
      return Optional.empty();
    }
    boolean http = !nothing(values, EnvoyOperators.PROTOCOL);
    return Optional.of(new PlaintextLine(at, client, server, http));
  }

  /**
   * An inbound entry, neither surely over Istio's mutual TLS nor from the pod itself, is doubtful
   * without its origin: any client may write an X-Forwarded-For. An entry without information on
   * the handshake is as doubtful, whatever its length, and so is one that its client has made
   * unreadable. Only what no client can cause is a fault of the format. A connection that asks for
   * a name such as Istio's may be a client's own TLS, which the proxy cannot read: only requests
   * show that it could.
   */
  @Override
  public Optional<LineLoss> doubt(String entry) {
    if (!entry.contains(INBOUND) && !entry.contains(PASSTHROUGH)) {
      return Optional.empty();
    }
    if (entry.length() > ProxyLog.LONGEST_LINE) {
      return Optional.of(LineLoss.HIDDEN);
    }
    Map<String, String> values = layouts.read(entry);
    if (values.isEmpty()) {
      boolean unknown = layouts.text() == null && !entry.startsWith("{");
      return about(entry)
          ? Optional.of(unknown ? LineLoss.FORMAT : LineLoss.HIDDEN)
          : Optional.empty();
    }
    String name = values.get(EnvoyOperators.SERVER_NAME);
    boolean named = name != null && name.startsWith(MUTUAL);
    boolean doubtful =
        incoming(values.getOrDefault(EnvoyOperators.CLUSTER, ""))
            && !(named && decrypted(values))
            && peer(values).filter(client -> pod.hasAddress(client.ip())).isEmpty();
    if (!doubtful) {
      return Optional.empty();
    }
    boolean untold =
        named
            && !values.containsKey(EnvoyOperators.TLS_VERSION)
            && !values.containsKey(EnvoyOperators.PEER);
    return Optional.of(
        untold ? LineLoss.NAME_ALONE : tells(values) ? LineLoss.HIDDEN : LineLoss.FORMAT);
  }

  private boolean about(String entry) {
    return pod.addresses().stream().anyMatch(entry::contains);
  }

  /** Returns whether the proxy ended the TLS, which it does for Istio's mutual TLS alone. */
  private static boolean decrypted(Map<String, String> values) {
    return something(values, EnvoyOperators.PROTOCOL)
        || something(values, EnvoyOperators.TLS_VERSION)
        || something(values, EnvoyOperators.PEER);
  }

  private static boolean something(Map<String, String> values, String operator) {
    return values.containsKey(operator) && !nothing(values, operator);
  }

  /** Returns whether the format has what plaintext calls are told by. */
  private static boolean tells(Map<String, String> values) {
    return values.keySet().containsAll(NEEDED) && hasOrigin(values);
  }

  private static boolean hasOrigin(Map<String, String> values) {
    return values.containsKey(EnvoyOperators.DIRECT) || values.containsKey(EnvoyOperators.REMOTE);
  }

  /**
   * Returns where a connection came from. Istio's sidecars have {@code use_remote_address: false}
   * for inbound traffic (pilot/pkg/networking/core/listener.go, unless
   * PILOT_SIDECAR_USE_REMOTE_ADDRESS), so Envoy takes the last address of a request's
   * X-Forwarded-For for its {@code DOWNSTREAM_REMOTE_ADDRESS} (envoy,
   * source/common/http/conn_manager_utility.cc): any client may forge it. {@code
   * DOWNSTREAM_DIRECT_REMOTE_ADDRESS} is the connection's own; without it, the other one is the
   * connection's if there was no such header, or no request.
   */
  private static Optional<Address> peer(Map<String, String> values) {
    if (values.containsKey(EnvoyOperators.DIRECT)) {
      return address(values, EnvoyOperators.DIRECT);
    }
    boolean own =
        nothing(values, EnvoyOperators.PROTOCOL) || nothing(values, EnvoyOperators.FORWARDED_FOR);
    return own ? address(values, EnvoyOperators.REMOTE) : Optional.empty();
  }

  private boolean between(Address client, Address server) {
    return pod.hasAddress(server.ip()) && !pod.hasAddress(client.ip());
  }

  /** Returns whether the line says that the value is empty; false when it lacks the value. */
  private static boolean nothing(Map<String, String> values, String operator) {
    String value = values.get(operator);
    return value != null && NOTHING.contains(value);
  }

  private static Optional<Address> address(Map<String, String> values, String operator) {
    return Address.read(values.getOrDefault(operator, ""));
  }

  private static boolean incoming(String cluster) {
    return cluster.startsWith(INBOUND) || cluster.startsWith(PASSTHROUGH);
  }
}
