// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.probe;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.mtls.Prediction;
import io.mtlsmigration.mtls.Reach;
import io.mtlsmigration.mtls.Reachability;
import java.util.List;

/**
 * One probe to make: from a client pod to an endpoint of a Service port, or, where the client's
 * proxy chooses the endpoint, to the Service port itself (docs/decisions/0008).
 *
 * @param backends the endpoint; or all ready ones, of which the client's proxy chooses any. Never
 *     empty
 */
public record ProbeTarget(Pod client, Service service, ServicePort port, List<Backend> backends) {

  /** The endpoint of a call whose destination only the client's proxy knows. */
  public static final String ANY_ENDPOINT = "*";

  /**
   * The number of calls for each endpoint of a Service: enough that one of a few is missed by
   * chance in less than two of a hundred rounds, (1 − 1/n)^4n.
   */
  private static final int CALLS_PER_ENDPOINT = 4;

  /** The maximum number of calls of a probe, however many endpoints there are; rounds add up. */
  private static final int MOST_CALLS = 32;

  public ProbeTarget {
    backends = List.copyOf(backends);
    if (backends.isEmpty()) {
      throw new IllegalArgumentException("a probe needs an endpoint");
    }
  }

  /** A probe of one endpoint. */
  public ProbeTarget(Pod client, Service service, ServicePort port, Backend backend) {
    this(client, service, port, List.of(backend));
  }

  /**
   * Returns true when the client's calls go to the address they are sent to. A sidecar knows a
   * Service by its address and its Host only: calls to a pod's own address pass through as
   * plaintext (PassthroughCluster), which STRICT refuses although every real call gets through.
   * Only with a headless Service are the pods' addresses the Service's own. ztunnel looks up pods
   * as well as Services by address.
   */
  public static boolean pinned(Pod client, Service service) {
    return client.dataPlane() != DataPlane.SIDECAR || service.headless();
  }

  /** Returns true when the endpoint is addressed, and not the Service. */
  public boolean pinned() {
    return pinned(client, service);
  }

  /** Returns the first of the endpoints: the only one, where calls go to one. */
  public Backend backend() {
    return backends.getFirst();
  }

  /** Returns the number of calls of the probe. */
  public int calls() {
    return pinned() || backends.size() == 1
        ? 1
        : Math.min(MOST_CALLS, CALLS_PER_ENDPOINT * backends.size());
  }

  /**
   * Returns whether rounds leave it out, where servers' metrics are the evidence: they would count
   * it as plaintext, which could be subtracted only to within a scrape and would hide a client that
   * calls once a day; or the client's own proxy does not know the destination. Before a lock such a
   * probe is plaintext, and were it refused after it, nobody would be harmed.
   */
  public boolean passedOver(Reachability reachability) {
    return countsAsPlaintext(reachability) || unknownToItsProxy(reachability);
  }

  /**
   * Returns whether a server's proxy accepts the probe and counts it as plaintext; one server is
   * enough, whatever the others behind the Service do.
   */
  private boolean countsAsPlaintext(Reachability reachability) {
    return backends.stream()
        .filter(backend -> backend.pod() != null && backend.pod().dataPlane().captured())
        .map(backend -> reachability.predict(client, service, port, backend))
        .anyMatch(p -> p.clientTls() != ClientTls.ISTIO_MUTUAL && p.reach() == Reach.OK);
  }

  /**
   * Returns whether the client's own proxy does not know the destination. Then a probe tells of
   * that proxy only: nothing leaves it, or what does is plaintext, which nobody seen calling sends.
   */
  public boolean unknownToItsProxy(Reachability reachability) {
    return backends.stream()
        .map(backend -> reachability.predict(client, service, port, backend).way())
        .allMatch(way -> way == Prediction.Way.WITHHELD || way == Prediction.Way.PASSTHROUGH);
  }

  /** Returns {@code namespace/workload} of the client. */
  public String from() {
    return client.workload().id();
  }

  /** Returns {@code namespace/service:port}. */
  public String to() {
    return service.id(port);
  }

  /** Returns {@code ip:targetPort}; {@value #ANY_ENDPOINT} when it may be any of several. */
  public String endpoint() {
    return backends.size() == 1 ? backend().ip() + ":" + backend().targetPort() : ANY_ENDPOINT;
  }
}
