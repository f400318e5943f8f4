// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.wire.Classifier;
import io.mtlsmigration.wire.Flow;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The bytes that clients send, recorded while their server pod is watched. */
final class WireTraces {

  private final Clock clock;
  private final List<Recording> recordings = new CopyOnWriteArrayList<>();

  WireTraces(Clock clock) {
    this.clock = clock;
  }

  /** Returns the trace of a newly accepted connection. */
  WireTrace begin(Socket accepted, ServerPort port, CallSource source) {
    List<Recording> watching =
        recordings.stream().filter(recording -> recording.watches(port)).toList();
    if (watching.isEmpty()) {
      return WireTrace.UNWATCHED;
    }
    int clientPort = ((InetSocketAddress) accepted.getRemoteSocketAddress()).getPort();
    Flow flow = new Flow(source.caller().address(), clientPort, port.port());
    WireTrace trace =
        new WireTrace(flow, clock.instant(), () -> watching.forEach(Recording::count));
    watching.forEach(recording -> recording.traces.add(trace));
    return trace;
  }

  /** Watches connections that begin from now on. */
  Recording watch(Pod pod, SortedSet<Integer> ports, int packets) {
    Recording recording = new Recording(pod, ports, packets);
    recordings.add(recording);
    return recording;
  }

  /** A capture in progress; must be closed. */
  final class Recording implements AutoCloseable {
    private final Pod pod;
    private final SortedSet<Integer> ports;
    private final int most;
    private final List<WireTrace> traces = new CopyOnWriteArrayList<>();
    private final AtomicInteger packets = new AtomicInteger();
    private final CountDownLatch full = new CountDownLatch(1);

    private Recording(Pod pod, SortedSet<Integer> ports, int most) {
      this.pod = pod;
      this.ports = ports;
      this.most = most;
    }

    /** Returns whether it watches a port; a port's listener also stands for the tunnel to it. */
    private boolean watches(ServerPort port) {
      return pod.name().equals(port.pod())
          && pod.namespace().equals(port.namespace())
          && (ports.contains(port.port()) || ports.contains(Classifier.TUNNEL_PORT));
    }

    private void count() {
      if (packets.incrementAndGet() >= most) {
        full.countDown();
      }
    }

    /** Waits; returns true when it is full before the time is over. */
    boolean await(Duration time) throws InterruptedException {
      return full.await(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    int packets() {
      return Math.min(most, packets.get());
    }

    List<WireTrace> traces() {
      return new ArrayList<>(traces);
    }

    @Override
    public void close() {
      recordings.remove(this);
    }
  }
}
