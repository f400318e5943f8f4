// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hook;

/** Counts notices. */
public interface NoticeMeter {

  void count(String receiver, Outcome outcome, int notices);

  /** The outcome of a notice. */
  enum Outcome {
    SENT,
    /** An attempt failed; there will be another. */
    FAILED,
    /** They were too old before any attempt succeeded. */
    GIVEN_UP
  }
}
