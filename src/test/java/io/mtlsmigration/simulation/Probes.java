package io.mtlsmigration.simulation;

import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.Prediction;
import io.mtlsmigration.mtls.Reach;
import io.mtlsmigration.mtls.Reachability;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ConnectivityMatrix;
import io.mtlsmigration.probe.ProbeOutcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A round of probes: one client with a proxy and one without call every endpoint. What is expected
 * follows from what the service sees; what comes out, from what the proxies do.
 */
final class Probes {

  private final World world;
  private final Reachability expected;
  private final Instant at;
  private final List<Cell> cells = new ArrayList<>();

  Probes(World world, MeshModes seen, Instant at) {
    this.world = world;
    this.expected = Reachability.of(seen);
    this.at = at;
  }

  ConnectivityMatrix matrix() {
    Pod mesh = null;
    Pod legacy = null;
    for (Cluster.Namespace namespace : world.cluster.all()) {
      for (Workload workload : namespace.workloads.values()) {
        if (!namespace.name.equals(Cluster.ROOT) && !workload.serves && !workload.pods.isEmpty()) {
          Pod pod = workload.pods.getFirst();
          mesh = mesh == null && pod.dataPlane().captured() ? pod : mesh;
          legacy = legacy == null && !pod.dataPlane().captured() ? pod : legacy;
        }
      }
    }
    Reachability real = Reachability.of(world.cluster.now().modes);
    for (Cluster.Namespace namespace : world.cluster.all()) {
      for (Workload server : namespace.workloads.values()) {
        for (Pod client : new Pod[] {mesh, legacy}) {
          if (client != null && server.serves) {
            probe(real, client, server);
          }
        }
      }
    }
    return new ConnectivityMatrix(at, cells);
  }

  private void probe(Reachability real, Pod client, Workload server) {
    Service service = server.service();
    Service.ServicePort port = service.ports().getFirst();
    for (Pod pod : server.pods) {
      Backend backend = new Backend(pod, pod.ip(), Workload.PORT, true);
      Prediction sent = real.predict(client, service, port, backend);
      boolean ok = !Calls.refuses(world.proxies.mode(server, pod), pod, sent);
      Prediction prediction = expected.predict(client, service, port, backend);
      cells.add(
          new Cell(
              client.workload().id(),
              service.id() + ":8000",
              pod.ip() + ":" + Workload.PORT,
              pod.name(),
              client.dataPlane().captured(),
              ok ? ProbeOutcome.OK : ProbeOutcome.REFUSED,
              ok ? 200 : 0,
              ok ? 0 : 56,
              prediction.reach() == Reach.OK ? ProbeOutcome.OK : ProbeOutcome.REFUSED,
              1,
              at,
              "",
              prediction.clientTls()));
    }
  }
}
