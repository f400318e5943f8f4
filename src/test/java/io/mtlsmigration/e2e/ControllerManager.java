// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import java.util.List;
import java.util.Map;

/**
 * A real kube-controller-manager: it makes default ServiceAccounts, ReplicaSets and EndpointSlices,
 * fills aggregated ClusterRoles, empties namespaces that are deleted and collects what has lost its
 * owner.
 */
final class ControllerManager implements AutoCloseable {

  private final Daemon process;

  private ControllerManager(Daemon process) {
    this.process = process;
  }

  static ControllerManager start(ApiServer api) {
    return new ControllerManager(
        Daemon.start(
            api.folder().resolve("kube-controller-manager.log"),
            Map.of(),
            List.of(
                Binaries.of("kube-controller-manager").toString(),
                "--kubeconfig=" + api.admin().file(),
                // There is no kubelet that would renew a node's lease or own a pod's end.
                "--controllers=*,-node-lifecycle-controller,-taint-eviction-controller,"
                    + "-pod-garbage-collector-controller",
                "--service-account-private-key-file=" + api.signingKey(),
                "--root-ca-file=" + api.authority(),
                "--leader-elect=false",
                "--secure-port=0")));
  }

  @Override
  public void close() {
    process.kill();
  }
}
