// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import java.io.IOException;

/** Answers of whatever is taken for Prometheus. */
public final class AnswerFuzz {

  private AnswerFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    try {
      AnswerReader.read(data);
    } catch (IOException | NumberFormatException e) {
      // as it says
    }
  }
}
