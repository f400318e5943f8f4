// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.traffic.DirectCall;
import io.mtlsmigration.traffic.Edge;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Clients with sidecars that call pods by their addresses, bypassing the Service. */
final class CalledByAddress implements Rule {

  /** The most that are told one by one: a client may call every port, and chooses what it tells. */
  private static final int MOST = 1_000;

  @Override
  public void check(Inspection namespace) {
    Map<String, List<Pod>> byAddress = new HashMap<>();
    for (Pod pod : namespace.captured()) {
      if (!pod.hostNetwork()) {
        pod.addresses()
            .forEach(ip -> byAddress.computeIfAbsent(ip, a -> new ArrayList<>(1)).add(pod));
      }
    }
    int told = 0;
    int left = 0;
    for (DirectCall call : namespace.calls().direct()) {
      if (call.destination().isEmpty()) {
        somewhere(namespace, call.client());
      } else {
        List<Pod> pods = byAddress.getOrDefault(call.address(), List.of());
        left += told < MOST || pods.isEmpty() ? 0 : 1;
        told += told < MOST ? to(namespace, call, pods) : 0;
      }
    }
    if (left > 0) {
      report(
          namespace,
          new ObjectRef("Namespace", "", namespace.name()),
          0,
          left + " more calls to addresses and ports of pods here are not told one by one.");
    }
  }

  /** Returns how many pods a call was told of. */
  private static int to(Inspection namespace, DirectCall call, List<Pod> pods) {
    int port = call.port();
    int told = 0;
    for (Pod pod : pods) {
      if (port == 0 || namespace.wouldClose(pod, port)) {
        told++;
        report(
            namespace,
            pod.workload().ref(),
            port,
            ("%s calls pod %s of %s by its address %s: its sidecar passes that on in plaintext,"
                    + " which STRICT refuses.")
                .formatted(call.client().id(), pod.name(), pod.workload(), call.destination()));
      }
    }
    return told;
  }

  /** Checks TCP: the client's sidecar reports no address, but the server reports its clients. */
  private static void somewhere(Inspection namespace, WorkloadRef client) {
    Pod caller = sidecarPod(namespace, client);
    if (caller == null) {
      return;
    }
    for (Edge edge : namespace.calls().plaintext()) {
      if (client.equals(edge.client().workload())
          && edge.protocol().equals("tcp")
          && closes(namespace, edge)
          && !explained(namespace, caller, edge.server())) {
        report(
            namespace,
            edge.server().ref(),
            edge.port(),
            client.id()
                + " has a sidecar, calls something by its address, and sends plaintext to "
                + edge.server()
                + ": it seems to call its pods by their addresses, which STRICT refuses.");
      }
    }
  }

  private static @Nullable Pod sidecarPod(Inspection namespace, WorkloadRef client) {
    NamespaceFacts facts = namespace.snapshot().namespace(client.namespace());
    if (facts == null) {
      return null;
    }
    List<Pod> pods =
        facts.pods().stream()
            .filter(pod -> !pod.terminated() && pod.workload().equals(client))
            .toList();
    boolean sidecars =
        !pods.isEmpty() && pods.stream().allMatch(pod -> pod.dataPlane() == DataPlane.SIDECAR);
    return sidecars ? pods.getFirst() : null;
  }

  private static boolean closes(Inspection namespace, Edge edge) {
    return namespace.captured().stream()
        .filter(pod -> pod.workload().equals(edge.server()))
        .anyMatch(pod -> edge.port() == 0 || namespace.wouldClose(pod, edge.port()));
  }

  /** Returns true when the client also sends plaintext to this server through some Service. */
  private static boolean explained(Inspection namespace, Pod client, WorkloadRef server) {
    for (Service service : namespace.facts().services()) {
      for (ServicePort port : service.ports()) {
        for (Backend backend : namespace.mesh().reachability().backends(service, port)) {
          Pod pod = backend.pod();
          if (pod != null
              && pod.workload().equals(server)
              && namespace.mesh().reachability().predict(client, service, port, backend).clientTls()
                  == ClientTls.PLAINTEXT) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private static void report(Inspection namespace, ObjectRef server, int port, String message) {
    namespace.report(
        HazardCode.CALLED_BY_ADDRESS,
        server,
        port,
        message,
        "Let it call the name of a Service, or keep the port open by an exception.");
  }
}
