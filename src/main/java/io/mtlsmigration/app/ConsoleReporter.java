// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.probe.ConnectivityLog;
import io.mtlsmigration.probe.MatrixText;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.text.TerminalText;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.vertx.http.HttpServer;
import io.quarkus.vertx.http.HttpServerStart;
import io.quarkus.vertx.http.HttpsServerStart;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.ObservesAsync;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Prints what happens to the console: the address, the matrix whenever it changes, and every
 * transition. Uses one logger, so that it can be turned off like any other.
 */
@ApplicationScoped
public class ConsoleReporter {

  private static final Logger LOG = Logger.getLogger("io.mtlsmigration.story");

  private final ConnectivityLog matrix;
  private final RolloutLedger ledger;
  private final Clock clock;
  private final HttpServer http;
  private final boolean speaks;
  private final Instant startedAt;
  private volatile List<String> told = List.of();

  /**
   * Creates it.
   *
   * @param http knows the ports that were taken where 0 was asked for
   */
  ConsoleReporter(
      ConnectivityLog matrix,
      RolloutLedger ledger,
      Clock clock,
      Settings settings,
      HttpServer http) {
    this.matrix = matrix;
    this.ledger = ledger;
    this.clock = clock;
    this.http = http;
    this.speaks = settings.demo().narrate();
    this.startedAt = clock.instant();
  }

  void begin(@Observes StartupEvent started) {
    if (speaks) {
      ledger.subscribe(this::tell);
    }
  }

  void address(@ObservesAsync HttpServerStart server) {
    say("http", server.options().getHost(), http.getPort());
  }

  /** Also beside HTTP, whose line it follows: both open. */
  void secureAddress(@ObservesAsync HttpsServerStart server) {
    say("https", server.options().getHost(), http.getSecurePort());
  }

  private void say(String scheme, String host, int port) {
    if (speaks && port > 0) {
      String base = address(scheme, host, port);
      LOG.infof("Listening on %s (API %s/api/v1, its document %s/q/openapi)", base, base, base);
    }
  }

  /**
   * Returns an address that opens on this machine.
   *
   * @param host that is listened on; a name, or an address of IPv4 or IPv6
   */
  static String address(String scheme, String host, int port) {
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    String opens =
        switch (bare) {
          case "0.0.0.0" -> "127.0.0.1";
          case "::", "0:0:0:0:0:0:0:0" -> "::1";
          default -> bare;
        };
    return scheme + "://" + (opens.contains(":") ? "[" + opens + "]" : opens) + ":" + port;
  }

  @Scheduled(
      identity = "story",
      every = "1s",
      concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
  void tellMatrix() {
    if (!speaks) {
      return;
    }
    List<String> now =
        MatrixText.lines(matrix.matrix().cells()).stream().map(TerminalText::line).toList();
    // Large matrices are not printed; see GET /connectivity.
    if (now.isEmpty() || now.equals(told) || now.size() > 40) {
      return;
    }
    told = now;
    LOG.infof(
        "%s Connectivity:%n    %s", elapsed(), String.join(System.lineSeparator() + "    ", now));
  }

  private void tell(Event event) {
    String subject = event.subject().isEmpty() ? "plan " + event.plan() : event.subject();
    String change = event.to().isEmpty() ? event.type().name() : event.from() + " → " + event.to();
    LOG.infof("%s %s: %s — %s", elapsed(), subject, change, TerminalText.line(event.message()));
  }

  private String elapsed() {
    Duration since = Duration.between(startedAt, clock.instant());
    return String.format("[t=%4.1fs]", since.toMillis() / 1000.0);
  }
}
