// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reassembles the first bytes of clients from TCP segments in the order of a capture: handles
 * retransmitted and reordered segments, connections that reuse an address, and those that were open
 * before. Keeps a few thousand bytes of each connection and no more.
 *
 * <p>Pure acknowledgements need not be among the segments: an answer of the server shows in the
 * acknowledgements that data and ends carry.
 */
public final class Flows {

  /** Bytes kept per connection; a ClientHello with post-quantum key shares takes some 1,800. */
  private static final int KEPT = 4096;

  private final Map<Flow, Connecting> latest = new HashMap<>();
  private final List<Connecting> all = new ArrayList<>();

  /**
   * Adds a segment that came from a client.
   *
   * @param payload may have been truncated by the capture
   */
  public void fromClient(Instant at, Flow flow, TcpHeader header, byte[] payload) {
    Connecting known = latest.get(flow);
    if (known == null || (header.syn() && !known.isOpenedBy(header))) {
      known = new Connecting(flow, at, header);
      latest.put(flow, known);
      all.add(known);
    }
    known.take(header, payload);
  }

  /** Adds a segment that went to a client; only resets matter. */
  public void fromServer(Flow flow, TcpHeader header) {
    Connecting known = latest.get(flow);
    if (known != null && header.rst()) {
      known.reset(header);
    }
  }

  /** Returns the connections in the order in which they began. */
  public List<Sighting> sightings() {
    return all.stream()
        .filter(connection -> !connection.outgoing)
        .map(Connecting::sighting)
        .sorted(Comparator.comparing(Sighting::at))
        .toList();
  }

  /** One connection. */
  private static final class Connecting {
    private final Flow flow;
    private final Instant at;
    private final boolean fromStart;

    /** True when the server pod is the client: its peer accepts (SYN, ACK) instead of opening. */
    private final boolean outgoing;

    /** The sequence number of the first byte of data, where the beginning was seen. */
    private final long first;

    private final BitSet present = new BitSet();
    private byte[] bytes = {};
    private boolean contradicts;
    private boolean acknowledges;
    private long firstAcknowledged;
    private boolean answered;
    private boolean reset;

    Connecting(Flow flow, Instant at, TcpHeader header) {
      this.flow = flow;
      this.at = at;
      this.fromStart = header.syn();
      this.outgoing = header.syn() && header.ack();
      this.first = header.sequence() + 1;
    }

    /** Returns true for a retransmission of the opening segment. */
    boolean isOpenedBy(TcpHeader syn) {
      return fromStart && distance(first, syn.sequence() + 1) == 0;
    }

    void take(TcpHeader header, byte[] payload) {
      acknowledge(header);
      if (payload.length > 0) {
        if (fromStart) {
          place(distance(first, header.sequence() + (header.syn() ? 1 : 0)), payload);
        } else if (tellsNothing()) {
          place(0, payload); // the next segment may begin where a TLS record does
        }
      }
    }

    private boolean tellsNothing() {
      return judgement().security() == WireSecurity.UNKNOWN;
    }

    private void place(int offset, byte[] payload) {
      if (offset < 0 || offset >= KEPT) {
        return; // retransmitted by keep-alive probes, or beyond what is kept
      }
      int end = Math.min(KEPT, offset + payload.length);
      if (end > bytes.length) {
        bytes = java.util.Arrays.copyOf(bytes, end);
      }
      if (!fromStart) {
        present.clear();
      }
      for (int i = offset; i < end; i++) {
        contradicts |= present.get(i) && bytes[i] != payload[i - offset];
      }
      System.arraycopy(payload, 0, bytes, offset, end - offset);
      present.set(offset, end);
    }

    private void acknowledge(TcpHeader header) {
      if (!header.ack()) {
        return;
      }
      if (!acknowledges) {
        acknowledges = true;
        firstAcknowledged = header.acknowledged();
      }
      answered |= distance(firstAcknowledged, header.acknowledged()) > 0;
    }

    /** Handles a reset: its sequence number shows the server's progress (RFC 9293, 3.10.7). */
    void reset(TcpHeader header) {
      reset = true;
      answered |= acknowledges && distance(firstAcknowledged, header.sequence()) > 0;
    }

    /** Two copies of one byte that differ: which of them the server took, nobody knows. */
    private Judgement judgement() {
      if (contradicts) {
        return Judgement.of(WireSecurity.UNKNOWN, WireBasis.BEGINNING);
      }
      byte[] beginning = java.util.Arrays.copyOf(bytes, present.nextClearBit(0));
      return Classifier.judge(beginning, fromStart, flow.serverPort());
    }

    Sighting sighting() {
      WireAnswer answer =
          answered ? WireAnswer.ANSWERED : reset ? WireAnswer.RESET : WireAnswer.UNKNOWN;
      return new Sighting(flow, at, judgement(), answer);
    }

    /** Returns the distance of sequence numbers, which wrap around. */
    private static int distance(long from, long to) {
      return (int) (to - from);
    }
  }
}
