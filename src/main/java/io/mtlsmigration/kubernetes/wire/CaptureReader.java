package io.mtlsmigration.kubernetes.wire;

import io.mtlsmigration.wire.WireEnd;
import io.mtlsmigration.wire.WireFailure;
import io.mtlsmigration.wire.WireFailureCode;
import io.mtlsmigration.wire.WireTap.Bounds;
import io.mtlsmigration.wire.WireTap.Capture;
import java.time.Duration;
import java.util.SortedSet;

/**
 * What came of a run of tcpdump. It writes the header of a capture as soon as it listens, before it
 * has given up root: that alone is no sign that anything was looked at.
 *
 * @param ports of the server
 */
record CaptureReader(SortedSet<Integer> ports, Bounds bounds) {

  /**
   * How a run ended.
   *
   * @param code of the command; -1 when it is not known
   * @param complaints its standard error, and what the kubelet says of it
   */
  record Run(BoundedBuffer printed, Execution.End end, int code, String complaints) {

    /** What timeout says when it has ended tcpdump (that of busybox hands on tcpdump's own 0). */
    private static final int IN_TIME = 124;

    boolean died() {
      return end == Execution.End.EXITED && code != 0 && code != IN_TIME;
    }
  }

  /**
   * What it saw, or why it saw nothing.
   *
   * @param limit for how long it might run
   */
  Capture read(Run run, String container, Duration limit) {
    byte[] printed = run.printed().toByteArray();
    if (PcapReader.isCapture(printed)) {
      PcapReader.Reading reading = PcapReader.read(printed, ports);
      return run.died() && reading.packets() == 0
          ? new Capture.NotPossible(CaptureErrors.died(run.complaints(), container))
          : taken(run, reading);
    }
    return run.end() == Execution.End.TIME
        ? Capture.NotPossible.of(
            WireFailureCode.TIMED_OUT,
            "tcpdump did not begin within " + limit,
            "Try again; the pod's node may be busy")
        : new Capture.NotPossible(CaptureErrors.understood(run.complaints(), container));
  }

  private Capture taken(Run run, PcapReader.Reading reading) {
    boolean full = run.end() == Execution.End.FULL;
    // A capture that is cut off where it is full ends within a packet, and none is missed.
    int unreadable = Math.max(0, reading.unreadable() - (full ? 1 : 0));
    if (reading.packets() > 0 && unreadable >= reading.packets()) {
      return new Capture.NotPossible(
          new WireFailure(
              WireFailureCode.CAPTURE_FAILED,
              "none of " + reading.packets() + " packets can be read",
              "Name an Ethernet interface in mtls-migration.wire.device"));
    }
    WireEnd endedBy =
        full
            ? WireEnd.SIZE
            : reading.packets() >= bounds.packets() ? WireEnd.PACKETS : WireEnd.TIME;
    int missed = run.died() ? 1 : 0; // at least: nobody looked any more
    return new Capture.Taken(
        reading.sightings(),
        reading.packets(),
        unreadable + CaptureErrors.dropped(run.complaints()) + missed,
        endedBy);
  }
}
