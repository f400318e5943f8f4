// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.probe;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.kubernetes.probe.PodExec.Ending;
import io.mtlsmigration.kubernetes.probe.PodExec.Place;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.probe.ProbeResult;
import io.mtlsmigration.probe.ProbeTarget;
import io.mtlsmigration.probe.Prober;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/**
 * Probes by {@code curl} in client pods, as people do by hand with {@code kubectl exec}. Each probe
 * is one exec; the duration of the exec itself is not part of a result.
 *
 * <p>Needs the verbs {@code get} (for pods, and for {@code pods/exec} over WebSocket) and {@code
 * create} (for {@code pods/exec}: API servers from 1.35 on require it as well).
 */
public final class ExecProber implements Prober, AutoCloseable {

  /** The time that an exec may take beside the program that it runs. */
  private static final Duration EXEC = Duration.ofMillis(1500);

  private static final int MOST_WITHOUT = 10_000;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;

  private final ProbeOptions options;
  private final LongSupplier ticker;
  private final ClientContainers containers;
  private final PodExec exec;

  /** UIDs of pods without curl; a container's files seldom change. */
  private final Set<String> without = ConcurrentHashMap.newKeySet();

  /**
   * Creates a prober that uses a client; closing the prober leaves the client open.
   *
   * @param client anything between it and the API server must let WebSockets pass
   * @param ticker nanoseconds that only go forward, such as {@code System::nanoTime}
   */
  public ExecProber(KubernetesClient client, ProbeOptions options, LongSupplier ticker) {
    this.options = options;
    this.ticker = ticker;
    this.containers = new ClientContainers(client, options.container());
    this.exec = new PodExec(client);
  }

  /**
   * Returns false for gateways: curl in a gateway's pod bypasses its proxy, so it is neither kind
   * of client.
   */
  @Override
  public boolean canProbeFrom(Pod pod) {
    return pod.ready() && !pod.terminated() && !pod.gateway();
  }

  @Override
  public ProbeResult probe(ProbeTarget target, Duration timeout) {
    return probe(target, 0, timeout, () -> {});
  }

  @Override
  public ProbeResult probe(ProbeTarget target, int port, Duration timeout, Runnable ended) {
    String obstacle = CurlCommand.obstacle(target, options);
    if (obstacle != null) {
      ended.run();
      return new ProbeResult.NeverMade(obstacle);
    }
    return switch (containers.of(target.client())) {
      case ClientContainers.Choice.None none -> {
        ended.run();
        yield new ProbeResult.NotPossible(none.reason());
      }
      case ClientContainers.Choice.Found found -> {
        CurlCommand command = CurlCommand.of(target, port, timeout, mark());
        yield run(target, timeout, found.container(), command, ended);
      }
    };
  }

  private ProbeResult run(
      ProbeTarget target, Duration timeout, String container, CurlCommand command, Runnable ended) {
    long begun = ticker.getAsLong();
    Duration most = timeout.plus(EXEC);
    CurlOutput output = new CurlOutput(command);
    Place place = new Place(target.client().namespace(), target.client().name(), container);
    End end = new End(ended);
    Ending ending = exec.run(place, command.arguments(), output::accept, most, end);
    note(target.client(), ending);
    ProbeResult told = result(ending, output, place, most);
    Duration left = most.minusNanos(ticker.getAsLong() - begun);
    if (ending instanceof Ending.Exited(int code, var stderr)
        && output.leavesCalls(told, code)
        && left.compareTo(EXEC) > 0) {
      return rest(told, command.rest(output.made()), place, left, ended);
    }
    end.last();
    return told;
  }

  /** Makes the calls that are left, of which at least one came to another endpoint. */
  private ProbeResult rest(
      ProbeResult made, CurlCommand command, Place place, Duration left, Runnable ended) {
    CurlOutput output = new CurlOutput(command);
    Ending ending = exec.run(place, command.arguments(), output::accept, left, ended);
    return ending instanceof Ending.Overdue && !output.any()
        ? made
        : both(made, result(ending, output, place, left));
  }

  private static ProbeResult both(ProbeResult made, ProbeResult more) {
    return switch (more) {
      case ProbeResult.Completed one -> new ProbeResult.Several(calls(made, List.of(one)));
      case ProbeResult.Several(var calls) -> new ProbeResult.Several(calls(made, calls));
      case ProbeResult.NotPossible not -> not;
      case ProbeResult.NeverMade never -> never;
    };
  }

  private static List<ProbeResult.Completed> calls(
      ProbeResult made, List<ProbeResult.Completed> more) {
    List<ProbeResult.Completed> calls = new ArrayList<>();
    switch (made) {
      case ProbeResult.Completed one -> calls.add(one);
      case ProbeResult.Several several -> calls.addAll(several.calls());
      case ProbeResult.NotPossible not -> {}
      case ProbeResult.NeverMade never -> {}
    }
    calls.addAll(more);
    return calls;
  }

  private static ProbeResult result(
      Ending ending, CurlOutput output, Place place, Duration timeout) {
    return switch (ending) {
      case Ending.Exited exited -> output.result(exited.code(), exited.stderr());
      case Ending.NotRun not -> new ProbeResult.NotPossible(reason(not, place));
      // Some calls may have timed out each; those that have ended count.
      case Ending.Overdue overdue when output.any() -> output.unfinished();
      case Ending.Overdue overdue ->
          new ProbeResult.NotPossible(
              "exec in pod " + place.pod() + " did not end within " + timeout);
    };
  }

  /** Tells of the end of a run once it is known that no other follows. */
  private static final class End implements Runnable {
    private final Runnable ended;
    private boolean over;
    private boolean last;

    End(Runnable ended) {
      this.ended = ended;
    }

    @Override
    public synchronized void run() {
      over = true;
      tell();
    }

    synchronized void last() {
      last = true;
      tell();
    }

    private void tell() {
      if (over && last) {
        ended.run();
      }
    }
  }

  @Override
  public boolean lacksProgram(Pod pod) {
    return without.contains(pod.uid());
  }

  private void note(Pod client, Ending ending) {
    switch (ending) {
      case Ending.Exited exited -> without.remove(client.uid());
      case Ending.NotRun not when not.httpStatus() == 0 && PodExec.missingProgram(not.reason()) -> {
        if (without.size() >= MOST_WITHOUT) {
          without.clear(); // each is detected again when needed
        }
        without.add(client.uid());
      }
      case Ending.NotRun not -> {}
      case Ending.Overdue overdue -> {}
    }
  }

  private static String reason(Ending.NotRun not, Place place) {
    if (not.httpStatus() == FORBIDDEN) {
      return "not allowed to exec in namespace "
          + place.namespace()
          + ": grant the verbs get and create on pods/exec";
    }
    if (not.httpStatus() == NOT_FOUND) {
      return "pod " + place.pod() + " is gone";
    }
    if (PodExec.missingProgram(not.reason())) {
      return "there is no curl in container " + place.container() + " of pod " + place.pod();
    }
    return "exec in container %s of pod %s failed: %s"
        .formatted(place.container(), place.pod(), not.reason());
  }

  private static String mark() {
    byte[] bytes = new byte[8];
    ThreadLocalRandom.current().nextBytes(bytes);
    return "probe-" + HexFormat.of().formatHex(bytes);
  }

  @Override
  public void close() {
    exec.close();
  }
}
