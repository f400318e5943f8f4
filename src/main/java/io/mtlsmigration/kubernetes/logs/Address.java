package io.mtlsmigration.kubernetes.logs;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An end of a connection, as proxies write it. */
record Address(String ip, int port) {

  /** {@code 10.1.2.3:8080} or {@code [2001:db8::1]:8080}. */
  private static final Pattern ADDRESS =
      Pattern.compile(
          "\\[?((?:\\d{1,3}\\.){3}\\d{1,3}|[0-9a-fA-F:]*:[0-9a-fA-F:]+)\\]?:(\\d{1,5})");

  /** Empty when the value is anything else. */
  static Optional<Address> read(String value) {
    Matcher m = ADDRESS.matcher(value);
    return m.matches()
        ? Optional.of(new Address(m.group(1), Integer.parseInt(m.group(2))))
        : Optional.empty();
  }
}
