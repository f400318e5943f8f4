// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.probe;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.kubernetes.probe.PodExec.Ending;
import io.mtlsmigration.kubernetes.probe.PodExec.Place;
import io.mtlsmigration.mesh.Pod;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * Lists the TCP connections of pods: {@code curl} reads the kernel's tables in the proxy's
 * container, or in another one where that has no curl. A pod's containers share their network.
 */
public final class ConnectionLister implements AutoCloseable {

  /** The command, which the admission policy mtls-migration-exec allows as it is. */
  static final List<String> COMMAND =
      List.of(
          "curl",
          "--disable",
          "--silent",
          "--show-error",
          "file:///proc/net/tcp",
          "file:///proc/net/tcp6");

  private static final Duration TIMEOUT = Duration.ofSeconds(6);

  private static final String PROXY = "istio-proxy";
  private static final int FORBIDDEN = 403;

  /** curl's exit code for a protocol that it was built without. */
  private static final int NO_FILES = 1;

  /** curl's exit code for a file that cannot be read: without IPv6 there is no second one. */
  private static final int NO_FILE = 37;

  private final ClientContainers containers;
  private final PodExec exec;

  /**
   * Creates a lister that uses a client; closing the lister leaves the client open.
   *
   * @param container where pods have one of that name, the one with curl, beside the proxy's
   */
  public ConnectionLister(KubernetesClient client, String container) {
    this.containers = new ClientContainers(client, container);
    this.exec = new PodExec(client);
  }

  /** The answer of a pod. */
  public sealed interface Listing {

    /** The tables, one after the other, as the kernel writes them. */
    record Tables(String text) implements Listing {}

    /**
     * There is no list.
     *
     * @param lasting whether another attempt would end alike until somebody changes something
     */
    record None(String reason, boolean lasting) implements Listing {}
  }

  /** Asks a pod. Blocks for some seconds at most. */
  public Listing list(Pod pod) {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    Ending ending = run(pod, PROXY, output);
    if (ending instanceof Ending.NotRun not && PodExec.missingProgram(not.reason())) {
      return switch (containers.of(pod)) {
        case ClientContainers.Choice.None none -> new Listing.None(none.reason(), false);
        case ClientContainers.Choice.Found(var container) ->
            listing(run(pod, container, output), output);
      };
    }
    return listing(ending, output);
  }

  private Ending run(Pod pod, String container, ByteArrayOutputStream output) {
    return exec.run(
        new Place(pod.namespace(), pod.name(), container),
        COMMAND,
        bytes -> append(output, bytes),
        TIMEOUT,
        () -> {});
  }

  private static void append(ByteArrayOutputStream output, ByteBuffer content) {
    byte[] bytes = new byte[content.remaining()];
    content.get(bytes);
    output.writeBytes(bytes);
  }

  private static Listing listing(Ending ending, ByteArrayOutputStream output) {
    return switch (ending) {
      case Ending.Exited(int code, String stderr) when code == 0 || code == NO_FILE ->
          new Listing.Tables(output.toString(StandardCharsets.US_ASCII));
      case Ending.Exited(int code, String stderr) ->
          new Listing.None(
              "curl ended with exit code " + code + " instead of the list", code == NO_FILES);
      case Ending.NotRun not when not.httpStatus() == FORBIDDEN ->
          new Listing.None(
              "not allowed to exec: grant the verbs get and create on pods/exec, and apply the"
                  + " admission policy mtls-migration-exec of this release",
              true);
      case Ending.NotRun not when PodExec.missingProgram(not.reason()) ->
          new Listing.None("there is no curl in its pods", true);
      case Ending.NotRun not -> new Listing.None(not.reason(), false);
      case Ending.Overdue overdue -> new Listing.None("exec did not end within " + TIMEOUT, false);
    };
  }

  @Override
  public void close() {
    exec.close();
  }
}
