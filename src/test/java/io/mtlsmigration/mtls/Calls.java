// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Calls between pods and services that are named {@code namespace/name}. */
final class Calls {

  private Calls() {}

  /** A call to the first port of a service, and there to its first endpoint. */
  static Prediction predict(MeshSnapshot snapshot, String from, String to) {
    return predict(snapshot, from, to, null);
  }

  static Prediction predict(
      MeshSnapshot snapshot, String from, String to, @Nullable String subset) {
    MeshModes modes = MeshModes.resolve(snapshot);
    Reachability reachability = Reachability.of(modes);
    Service service =
        facts(snapshot, to).services().stream()
            .filter(s -> s.id().equals(to))
            .findFirst()
            .orElseThrow();
    ServicePort port = service.ports().get(0);
    Backend backend = reachability.backends(service, port).get(0);
    return reachability.predict(pod(snapshot, from), service, port, backend, subset);
  }

  static Pod pod(MeshSnapshot snapshot, String id) {
    return facts(snapshot, id).pods().stream()
        .filter(p -> (p.namespace() + "/" + p.name()).equals(id))
        .findFirst()
        .orElseThrow();
  }

  private static NamespaceFacts facts(MeshSnapshot snapshot, String id) {
    return Objects.requireNonNull(snapshot.namespace(id.substring(0, id.indexOf('/'))), id);
  }
}
