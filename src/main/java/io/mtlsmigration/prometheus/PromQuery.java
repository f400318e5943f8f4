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
  PLAINTEXT_TARGETS,
  PLAINTEXT_REQUESTS,
  PLAINTEXT_MESSAGES,
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
  DEPARTED_TARGETS,
  DEPARTED,
  GAPS,
  LISTENERS,
  AWAY,
  DROPPING,
  KEEPING,
  UNKEPT,
  LACKING,
  REQUESTS_BY_SECURITY,
  CONNECTIONS_BY_SECURITY,
  HISTORY_REQUESTS,
  HISTORY_CONNECTIONS,
  HISTORY_BYTES,
  HISTORY_WATCHED,
  HISTORY_ZTUNNELS,
  HISTORY_SAMPLED,
  SHADOW_DENIALS,
  SHADOW_JUDGEMENTS,
  SHADOW_PODS,
  SHADOW_COUNTING;

  /** The least step in which a window is looked at: scrapes are seldom closer. */
  private static final long FINEST = 15;

  /** The most steps in which a window is looked at; each costs a sample of each counter. */
  private static final long STEPS = 720;

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

  /**
   * Returns the query over a window, in whole seconds, since PromQL knows no ISO-8601, about all
   * targets.
   */
  String over(Duration window) {
    return over(window, ScrapeTargets.ALL);
  }

  /** Returns the query over a window about some targets. */
  String over(Duration window, ScrapeTargets targets) {
    long whole = Math.max(1, window.toSeconds());
    String seconds = Long.toString(whole);
    String stride = Long.toString(Math.max(FINEST, whole / STEPS));
    return text.replace("$window", seconds + "s")
        .replace("$seconds", seconds)
        .replace("$step", stride + "s")
        .replace("$stride", stride)
        .replace("$targets", targets.matcher())
        .replace("$gone", targets.gone());
  }

  /**
   * Returns the query about some targets over a window in which a sample is late after some time.
   */
  String over(Duration window, ScrapeTargets targets, Duration lag) {
    return over(window, targets).replace("$lag", lag.toSeconds() + "s");
  }

  /**
   * The query about one namespace, or several where the query's file says so.
   *
   * @param namespace a name that Kubernetes allows, of which nothing has to be escaped, or several
   *     with {@code |} in between
   */
  String over(Duration window, String namespace) {
    return over(window).replace("$namespace", namespace);
  }
}
