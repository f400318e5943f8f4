// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.probe;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.kubernetes.probe.PodExec.Ending;
import io.mtlsmigration.kubernetes.probe.PodExec.Place;
import io.mtlsmigration.mesh.Pod;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * Lists the TCP connections of pods: {@code curl} reads the kernel's tables in the proxy's
 * container, or in another one where that has no curl. A pod's containers share their network.
 */
public final class ConnectionLister implements AutoCloseable {

  /** Begins what curl says after each table: how many bytes it has read. */
  private static final String WHOLE = "whole ";

  /** The command, which the admission policy mtls-migration-exec allows as it is. */
  static final List<String> COMMAND =
      List.of(
          "curl",
          "--disable",
          "--silent",
          "--show-error",
          "--write-out",
          WHOLE + "%{size_download}\n",
          "file:///proc/net/tcp",
          "file:///proc/net/tcp6");

  private static final Duration TIMEOUT = Duration.ofSeconds(6);

  /** The limit of a list in bytes; a line of 150 stands for a connection. */
  private static final long MOST = 64L << 20;

  /** The limit of what is kept of it: several times what is followed. */
  private static final int MOST_KEPT = 8 << 20;

  private static final String PROXY = "istio-proxy";

  private static final int BAD_REQUEST = 400;
  private static final int FORBIDDEN = 403;
  private static final int SERVER_ERROR = 500;

  private static final int NOT_IMPLEMENTED = 501;

  /**
   * Statuses of 4xx that pass: a token that is being renewed, not found, time-out, conflict, too
   * many requests.
   */
  private static final Set<Integer> PASSING = Set.of(401, 404, 408, 409, 429);

  /** curl's exit code for a file that cannot be read: without IPv6 there is no second one. */
  private static final int NO_FILE = 37;

  /** Exit codes of curl that pass: nobody takes what it writes, and there is no memory. */
  private static final Set<Integer> PASSED = Set.of(23, 27);

  /** The exit code of a program that a signal ends is this and the signal's number. */
  private static final int SIGNALLED = 128;

  /** Exit codes by which shells and runtimes say that there is no such program. */
  private static final Set<Integer> NO_PROGRAM = Set.of(126, 127, 255);

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

    /** The lines of the tables that may be about the wanted port, with those that begin each. */
    record Tables(String text) implements Listing {}

    /**
     * There is no list.
     *
     * @param lasting whether another attempt would end alike until somebody changes something
     */
    record None(String reason, boolean lasting) implements Listing {}
  }

  /**
   * Asks a pod. Blocks for some seconds at most.
   *
   * @param wanted what a line must hold to be kept, such as {@code :3A9E}
   */
  public Listing list(Pod pod, Set<String> wanted) {
    Lines lines = new Lines(wanted);
    Ending ending = run(pod, PROXY, lines);
    if (!lacksCurl(ending)) {
      return listing(pod, ending, lines);
    }
    return switch (containers.of(pod)) {
      case ClientContainers.Choice.None(String reason, boolean lasting) ->
          new Listing.None(reason, lasting);
      case ClientContainers.Choice.Found(var container) -> {
        Lines others = new Lines(wanted);
        yield listing(pod, run(pod, container, others), others);
      }
    };
  }

  private Ending run(Pod pod, String container, Lines lines) {
    return exec.run(
        new Place(pod.namespace(), pod.name(), container),
        COMMAND,
        lines::take,
        MOST,
        TIMEOUT,
        () -> {});
  }

  private static boolean lacksCurl(Ending ending) {
    return switch (ending) {
      case Ending.NotRun not -> PodExec.missingProgram(not.reason());
      case Ending.Exited(int code, String stderr) ->
          NO_PROGRAM.contains(code) || (code == 1 && PodExec.missingProgram(stderr));
      case Ending.Overdue overdue -> false;
    };
  }

  private static Listing listing(Pod pod, Ending ending, Lines lines) {
    if (lacksCurl(ending)) {
      return new Listing.None("there is no curl in its pods", true);
    }
    return switch (ending) {
      case Ending.Exited(int code, String stderr) when code == 0 || code == NO_FILE ->
          lines.listing(code == 0, hasIpv6(pod));
      // A curl without files, or one that does not know an option.
      case Ending.Exited(int code, String stderr) ->
          new Listing.None(
              "curl ended with exit code " + code + " instead of a list",
              code <= SIGNALLED && !PASSED.contains(code));
      case Ending.NotRun not when not.httpStatus() == FORBIDDEN ->
          new Listing.None(
              "not allowed to exec: grant the verbs get and create on pods/exec, and apply the"
                  + " admission policy mtls-migration-exec of this release",
              true);
      case Ending.NotRun not ->
          new Listing.None(
              not.reason(),
              not.httpStatus() == NOT_IMPLEMENTED
                  || (not.httpStatus() >= BAD_REQUEST
                      && not.httpStatus() < SERVER_ERROR
                      && !PASSING.contains(not.httpStatus())));
      case Ending.Overdue overdue ->
          new Listing.None("exec did not end within " + TIMEOUT.toSeconds() + " s", false);
    };
  }

  private static boolean hasIpv6(Pod pod) {
    return pod.addresses().stream().anyMatch(address -> address.contains(":"));
  }

  /** Keeps wanted lines of what arrives: a busy server's tables have tens of thousands. */
  private static final class Lines {

    private static final String HEAD = "local_address";

    /**
     * What a connection leaves behind for a minute, of which there may be more than of those open.
     */
    private static final String ENDED = " 06 00000000:00000000 ";

    /** A line of the kernel's is shorter. */
    private static final int LONGEST = 512;

    private final Set<String> wanted;
    private final StringBuilder kept = new StringBuilder();
    private final StringBuilder line = new StringBuilder();
    private int tables;

    /** The tables that have arrived as a whole. */
    private int wholes;

    /** The bytes of a table that have arrived, without those of the line that has not ended. */
    private long ofTable;

    private int ofLine;

    Lines(Set<String> wanted) {
      this.wanted = wanted;
    }

    synchronized void take(ByteBuffer content) {
      for (char c : StandardCharsets.ISO_8859_1.decode(content).array()) {
        ofLine++;
        if (c == '\n') {
          end();
        } else if (line.length() <= LONGEST) {
          line.append(c);
        }
      }
    }

    private void end() {
      String text = line.toString();
      line.setLength(0);
      if (text.startsWith(WHOLE)) {
        wholes += ofTable > 0 && text.equals(WHOLE + ofTable) ? 1 : 0;
        ofTable = 0;
        ofLine = 0;
        return;
      }
      ofTable += ofLine;
      ofLine = 0;
      boolean head = text.contains(HEAD);
      tables += head ? 1 : 0;
      if (kept.length() <= MOST_KEPT
          && !text.contains(ENDED)
          && (head || text.length() > LONGEST || wanted.stream().anyMatch(text::contains))) {
        kept.append(text).append('\n');
      }
    }

    /**
     * Returns them; what follows the last end of a line is kept, since it should not be there.
     *
     * @param both whether curl has read both tables
     * @param ipv6 whether there have to be both
     */
    synchronized Listing listing(boolean both, boolean ipv6) {
      if (kept.length() > MOST_KEPT) {
        return new Listing.None("more connections are open than are followed", false);
      }
      if (!both && tables == 0) {
        // What it cannot read it cannot read later, either.
        return new Listing.None("it does not list connections", true);
      }
      if (wholes != tables || wholes < (both || ipv6 ? 2 : 1)) {
        return new Listing.None("its list of connections is not whole", false);
      }
      return new Listing.Tables(kept + line.toString());
    }
  }

  @Override
  public void close() {
    exec.close();
  }
}
