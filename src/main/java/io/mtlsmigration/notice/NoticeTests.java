// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.notice;

import java.time.Duration;
import java.util.List;

/** Port: tries out receivers of notices, each once in a while. */
public interface NoticeTests {

  /** The least time between two tests of a receiver at one replica. */
  Duration PAUSE = Duration.ofSeconds(10);

  /** Returns the names of the receivers, sorted. */
  List<String> receivers();

  /**
   * Sends a test to a receiver, whatever it was told and however far that is; blocks for as long as
   * the call takes.
   *
   * @param by who wants it
   * @throws TooSoonException when it was tried out a moment ago
   */
  Result test(String receiver, String by) throws InterruptedException;

  /**
   * The result of one test.
   *
   * @param detail the receiver's status, or why there is none, without secrets; empty when accepted
   */
  record Result(Reception outcome, String detail) {}

  /** The answer of a receiver. */
  enum Reception {
    ACCEPTED,
    /** It does not want the message; sending it again does not help. */
    REFUSED,
    /** It was not reached, or has not decided. */
    FAILED,
    /** Its address may not be called. */
    NOT_CALLED
  }

  /** It was tried out a moment ago. */
  final class TooSoonException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TooSoonException(String message) {
      super(message);
    }
  }
}
