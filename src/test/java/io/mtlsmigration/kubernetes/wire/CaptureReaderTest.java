// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.wire;

import static io.mtlsmigration.kubernetes.wire.CaptureFile.SYN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.kubernetes.wire.CaptureFile.End;
import io.mtlsmigration.kubernetes.wire.Execution.Run;
import io.mtlsmigration.wire.WireEnd;
import io.mtlsmigration.wire.WireFailure;
import io.mtlsmigration.wire.WireFailureCode;
import io.mtlsmigration.wire.WireTap.Bounds;
import io.mtlsmigration.wire.WireTap.Capture;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CaptureReaderTest {

  private static final String CONTAINER = "mtls-migration-wire-0";
  private static final Bounds BOUNDS = new Bounds(Duration.ofSeconds(10), 1000);

  /** As Debian's tcpdump says it, run as root with NET_RAW alone. */
  private static final String NOT_ROOT =
      "tcpdump: Couldn't change to 'tcpdump' uid=104 gid=107: Operation not permitted\n"
          + "command terminated with exit code 1";

  private static final byte[] HEADER = CaptureFile.ofThisMachine().bytes();
  private static final byte[] CALLED =
      CaptureFile.ofThisMachine()
          .segment(
              new End("10.244.0.8", 40_000), new End("10.244.0.4", 8080), SYN, 1, 0, new byte[0])
          .bytes();

  private static Capture read(byte[] printed, int code, String complaints) {
    BoundedBuffer sink = new BoundedBuffer(1 << 10);
    sink.write(printed, 0, printed.length);
    return new CaptureReader(new TreeSet<>(List.of(8080)), BOUNDS)
        .read(
            new Run(sink, Execution.End.EXITED, code, complaints),
            CONTAINER,
            Duration.ofSeconds(15));
  }

  private static WireFailure failure(Capture capture) {
    return assertInstanceOf(Capture.NotPossible.class, capture).failure();
  }

  /** GNU's timeout says 124 when the time is over, and busybox' has tcpdump say 0. */
  @ParameterizedTest
  @ValueSource(ints = {0, 124})
  void nobodyCalledWhereTcpdumpListenedToTheEnd(int code) {
    assertEquals(
        new Capture.Taken(List.of(), 0, 0, WireEnd.TIME),
        read(HEADER, code, "0 packets dropped by kernel"));
  }

  /** The stream has stalled: neither tcpdump's end nor its count of lost packets has come. */
  @Test
  void whatHasNoEndIsNotWhole() {
    BoundedBuffer sink = new BoundedBuffer(1 << 20);
    sink.write(HEADER, 0, HEADER.length);

    Capture capture =
        new CaptureReader(new TreeSet<>(List.of(8080)), BOUNDS)
            .read(new Run(sink, Execution.End.TIME, -1, ""), CONTAINER, Duration.ofSeconds(15));

    assertEquals(new Capture.Taken(List.of(), 0, 1, WireEnd.TIME), capture);
  }

  /** Its header is written before it has given up root, and nothing is looked at after. */
  @Test
  void aTcpdumpThatDiedSawNothing() {
    WireFailure failure = failure(read(HEADER, 1, NOT_ROOT));

    assertEquals(WireFailureCode.NOT_PRIVILEGED, failure.code());
    assertTrue(failure.reason().contains("Couldn't change to 'tcpdump'"), failure.reason());
    assertTrue(failure.remedy().contains("SETUID and SETGID"), failure.remedy());
  }

  @ParameterizedTest
  @CsvSource({
    "137, command terminated with exit code 137",
    "1, tcpdump: eth0: That device went away",
    "-1, ''"
  })
  void saysWithWhichWordsItDied(int code, String words) {
    WireFailure failure = failure(read(HEADER, code, words));

    assertEquals(WireFailureCode.CAPTURE_FAILED, failure.code());
    assertTrue(failure.reason().contains(words), failure.reason());
  }

  /** What was seen is told; that it was all is not. */
  @Test
  void whatItSawBeforeItDiedIsNotAll() {
    Capture.Taken taken =
        assertInstanceOf(
            Capture.Taken.class, read(CALLED, 137, "command terminated with exit code 137"));

    assertEquals(1, taken.sightings().size());
    assertEquals(1, taken.lost());
  }
}
