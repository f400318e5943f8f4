// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.wire;

import io.mtlsmigration.wire.WireEnd;
import io.mtlsmigration.wire.WireFailure;
import io.mtlsmigration.wire.WireFailureCode;
import io.mtlsmigration.wire.WireTap.Bounds;
import io.mtlsmigration.wire.WireTap.Capture;
import java.time.Duration;
import java.util.SortedSet;

/**
 * Interprets a run of tcpdump. tcpdump writes the header of a capture as soon as it listens, before
 * it has given up root: the header alone does not prove that it captured.
 *
 * @param ports of the server
 */
record CaptureReader(SortedSet<Integer> ports, Bounds bounds) {

  /**
   * Returns the packets captured, or why there is no capture.
   *
   * @param limit of the run's duration
   */
  Capture read(Execution.Run run, String container, Duration limit) {
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

  private Capture taken(Execution.Run run, PcapReader.Reading reading) {
    boolean full = run.end() == Execution.End.FULL;
    // A capture that fills up ends within a packet; that packet is not a missed one.
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
    // At least one: the capture ended early, or nobody knows whether it did, for its end never
    // came.
    int missed = run.died() || run.end() == Execution.End.TIME ? 1 : 0;
    long lost = (long) unreadable + CaptureErrors.dropped(run.complaints()) + missed;
    return new Capture.Taken(
        reading.sightings(), reading.packets(), (int) Math.min(lost, Integer.MAX_VALUE), endedBy);
  }
}
