// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

/** What clients say first: greetings of TLS, and what is shown of anything else. */
public final class GreetingFuzz {

  private GreetingFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    ClientHello.parse(data);
    Classifier.judge(data, true, 8080);
    Classifier.judge(data, false, Classifier.TUNNEL_PORT);
    String shown = Printable.beginning(data);
    if (shown.length() > Printable.MOST
        || shown.chars().anyMatch(c -> c != '…' && (c < ' ' || c > '~'))) {
      throw new AssertionError("shown: " + shown);
    }
  }
}
