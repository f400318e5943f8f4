// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.wire.Classifier;
import io.mtlsmigration.wire.Flow;
import io.mtlsmigration.wire.Judgement;
import io.mtlsmigration.wire.Sighting;
import io.mtlsmigration.wire.WireAnswer;
import io.mtlsmigration.wire.WireBasis;
import io.mtlsmigration.wire.WireSecurity;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;

/** The first bytes of one connection, as read off the socket. */
class WireTrace {

  /** The trace of connections that are not watched. */
  static final WireTrace UNWATCHED =
      new WireTrace(new Flow("", 0, 0), Instant.EPOCH, () -> {}) {
        @Override
        InputStream tapped(InputStream in) {
          return in;
        }

        @Override
        OutputStream answering(OutputStream out) {
          return out;
        }
      };

  private static final int KEPT = 4096;

  private final Flow flow;
  private final Instant at;
  private final Runnable onPacket;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private WireAnswer answer = WireAnswer.UNKNOWN;

  WireTrace(Flow flow, Instant at, Runnable onPacket) {
    this.flow = flow;
    this.at = at;
    this.onPacket = onPacket;
    onPacket.run();
  }

  /** Returns the same stream, recording the bytes that are read. */
  InputStream tapped(InputStream in) {
    return new FilterInputStream(in) {
      @Override
      public int read() throws IOException {
        int b = super.read();
        if (b >= 0) {
          keep(new byte[] {(byte) b}, 0, 1);
        }
        return b;
      }

      @Override
      public int read(byte[] buffer, int offset, int length) throws IOException {
        int count = super.read(buffer, offset, length);
        if (count > 0) {
          keep(buffer, offset, count);
        }
        return count;
      }
    };
  }

  private synchronized void keep(byte[] bytes, int offset, int length) {
    onPacket.run();
    int room = KEPT - said.size();
    said.write(bytes, offset, Math.min(room, length));
  }

  /** Returns the same stream, recording the first written byte as the answer. */
  OutputStream answering(OutputStream out) {
    return new FilterOutputStream(out) {
      @Override
      public void write(int b) throws IOException {
        answered();
        out.write(b);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        answered();
        out.write(bytes, offset, length);
      }
    };
  }

  /** Records that the server has answered. */
  synchronized void answered() {
    answer = WireAnswer.ANSWERED;
  }

  /** Records that the server resets the connection, unless it has answered before. */
  synchronized void reset() {
    if (answer == WireAnswer.UNKNOWN) {
      answer = WireAnswer.RESET;
    }
  }

  /** Returns what a capture would show of it so far. */
  synchronized Sighting sighting() {
    Judgement judgement = Classifier.judge(said.toByteArray(), true, flow.serverPort());
    return judgement.protocols().contains(WorkloadIdentity.TUNNEL_ALPN)
        ? tunnelled(judgement)
        : new Sighting(flow, at, judgement, answer);
  }

  /** Returns the connection as on the wire, where the tunnel has its own port and offers h2. */
  private Sighting tunnelled(Judgement judgement) {
    return new Sighting(
        new Flow(flow.ip(), flow.clientPort(), Classifier.TUNNEL_PORT),
        at,
        new Judgement(
            WireSecurity.ISTIO_MTLS,
            WireBasis.BEGINNING,
            "",
            judgement.serverName(),
            List.of("h2")),
        answer);
  }
}
