// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Collectors;

/** The queries, read once from {@code resources/promql}, where each is documented. */
public enum PromQuery {
  PLAINTEXT_REQUESTS,
  PLAINTEXT_CONNECTIONS,
  PLAINTEXT_BYTES,
  OPEN_CONNECTIONS,
  PLAINTEXT_BUCKETS,
  MUTUAL_TLS_REQUESTS,
  MUTUAL_TLS_CONNECTIONS,
  PASSTHROUGH_REQUESTS,
  PASSTHROUGH_CONNECTIONS,
  MEASURED,
  LABEL_MISSING,
  CLIENT_REQUESTS,
  CLIENT_FAILURES,
  COVERAGE,
  WATCHED,
  PROXIES,
  ZTUNNELS,
  DEPARTED,
  REQUESTS_BY_SECURITY,
  CONNECTIONS_BY_SECURITY,
  HISTORY_REQUESTS,
  HISTORY_CONNECTIONS,
  HISTORY_BYTES,
  HISTORY_WATCHED,
  HISTORY_ZTUNNELS,
  SHADOW_DENIALS,
  SHADOW_JUDGEMENTS,
  SHADOW_PODS;

  private final String text;

  PromQuery() {
    String file = "/promql/" + file() + ".promql";
    try (InputStream in = PromQuery.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException("missing resource " + file);
      }
      text =
          new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.startsWith("#"))
              .collect(Collectors.joining("\n"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read resource " + file, e);
    }
  }

  /** Returns the name of the file, without its extension. */
  String file() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns the query over a window, in whole seconds, since PromQL knows no ISO-8601. */
  String over(Duration window) {
    String seconds = Long.toString(Math.max(1, window.toSeconds()));
    return text.replace("$window", seconds + "s").replace("$seconds", seconds);
  }

  /**
   * The query about one namespace.
   *
   * @param namespace a name that Kubernetes allows, of which nothing has to be escaped
   */
  String over(Duration window, String namespace) {
    return over(window).replace("$namespace", namespace);
  }
}
