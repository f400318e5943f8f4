// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.traffic.Refusals;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Objects;

/**
 * The reason why a log was not read, with the remedy.
 *
 * @param detail which log, and the remedy
 */
record UnreadLog(Refusals.Reason reason, String detail) {

  static final UnreadLog NOT_YET =
      new UnreadLog(
          Refusals.Reason.NOT_READ_YET,
          "the access logs of its proxies have not been read since its lock began; the replica"
              + " that acts reads them every few seconds");

  /** Returns why lines of a log are missing that is read now. */
  static String before(Pod proxy) {
    return log(proxy) + " has lines before that nobody could read or understand";
  }

  private static String log(Pod proxy) {
    return "the log of istio-proxy in pod " + proxy.namespace() + "/" + proxy.name();
  }

  static UnreadLog because(Pod proxy, KubernetesClientException e) {
    String log = log(proxy);
    if (e.getCode() == 401 || e.getCode() == 403) {
      return new UnreadLog(
          Refusals.Reason.NOT_PERMITTED,
          log
              + " may not be read (HTTP "
              + e.getCode()
              + "): grant the service get on pods/log, as the ClusterRole mtls-migration-read"
              + " does");
    }
    String told = e.getStatus() == null ? null : e.getStatus().getMessage();
    return new UnreadLog(
        Refusals.Reason.SOURCE_DOWN,
        log
            + " cannot be read: "
            + Objects.requireNonNullElse(
                told, Objects.requireNonNullElse(e.getMessage(), "no answer"))
            + "; look whether the kubelet of node "
            + (proxy.node().isEmpty() ? "(none yet)" : proxy.node())
            + " answers");
  }

  /**
   * Returns why nobody knows when a log's lines were written.
   *
   * @param ahead of the API server's clock; negative when behind
   */
  static UnreadLog wrongClock(Pod proxy, Duration ahead) {
    return new UnreadLog(
        Refusals.Reason.SOURCE_DOWN,
        "the clock of node "
            + proxy.node()
            + " is "
            + ahead.abs().truncatedTo(ChronoUnit.SECONDS)
            + (ahead.isNegative() ? " behind" : " ahead of")
            + " the API server's, so nobody knows when the lines of "
            + log(proxy)
            + " were written: set that clock right; its kubelet tells of it within five minutes");
  }

  static UnreadLog notUnderstood(Pod proxy) {
    return new UnreadLog(
        Refusals.Reason.SOURCE_DOWN,
        log(proxy)
            + " was not understood, as the service's own log tells; the other logs are read on");
  }

  static UnreadLog withoutZtunnel(Pod server, String namespace) {
    return new UnreadLog(
        Refusals.Reason.PROXY_UNKNOWN,
        ("no pod of a DaemonSet with the label app=ztunnel runs in the namespace %s"
                + " (mtls-migration.access-logs.ztunnel-namespace) on node %s, where pod %s/%s is"
                + " captured by ambient: nobody tells whom it refuses")
            .formatted(namespace, server.node(), server.namespace(), server.name()));
  }
}
