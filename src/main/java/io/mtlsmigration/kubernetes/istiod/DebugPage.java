// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.istiod;

import io.mtlsmigration.kubernetes.forward.PodPage;
import io.mtlsmigration.kubernetes.forward.PodPort;
import io.mtlsmigration.mesh.ObjectRef;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A client for one istiod's debug pages. istiod serves {@code /debug} to its own host without
 * authentication (pilot/pkg/xds/debug.go, {@code allowAuthenticatedOrLocalhost}).
 */
final class DebugPage {

  /** istiod's {@code monitoringAddr}. */
  static final int PORT = 15014;

  private final PodPage page;

  DebugPage(PodPort port, Clock clock, long maxBytes) {
    this.page = new PodPage(port, clock, PORT, maxBytes);
  }

  /**
   * Reads what istiod has sent to proxies and what they have acknowledged.
   *
   * @return how far istiod's clock is ahead of ours, to about a second
   * @throws IOException when there is no page; some connections may have been handed out
   */
  Duration read(ObjectRef pod, Consumer<SyncPage.Connection> each) throws IOException {
    return page.read(pod, "/debug/syncz", json -> SyncPage.read(json, each));
  }

  /** Reads the policies that istiod has ztunnels enforce for pods of these namespaces. */
  AmbientPage ambient(ObjectRef pod, Set<String> namespaces) throws IOException {
    AmbientPage[] read = new AmbientPage[1];
    page.read(pod, "/debug/ambientz", json -> read[0] = AmbientPage.read(json, namespaces));
    return read[0];
  }
}
