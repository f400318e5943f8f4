// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.awaitility.Awaitility.await;

import io.mtlsmigration.testing.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A real Prometheus on loopback, which scrapes one target. */
public final class PrometheusProcess implements AutoCloseable {

  private final Path folder;
  private final int port;
  private final List<String> flags;
  private Daemon daemon;

  /**
   * Starts it; it scrapes every second.
   *
   * @param folder its own; what lies there from before is kept as its data
   * @param target {@code host:port} whose {@code /metrics} it scrapes
   * @param flags more of its own
   */
  public static PrometheusProcess start(Path folder, String target, String... flags) {
    return start(folder, target, Duration.ofSeconds(1), flags);
  }

  /** The same with another time, in whole seconds, from scrape to scrape. */
  public static PrometheusProcess start(
      Path folder, String target, Duration interval, String... flags) {
    return new PrometheusProcess(folder, target, interval, "", List.of(flags));
  }

  /** One that does not keep the samples whose names match a regular expression. */
  public static PrometheusProcess dropping(String names, Path folder, String target) {
    return new PrometheusProcess(
        folder,
        target,
        Duration.ofSeconds(1),
        "  metric_relabel_configs: [{source_labels: [__name__], regex: '%s', action: drop}]\n"
            .formatted(names),
        List.of());
  }

  private PrometheusProcess(
      Path folder, String target, Duration interval, String relabelling, List<String> flags) {
    Programs.need("prometheus", "prometheus");
    this.folder = folder;
    this.port = FreePort.next();
    this.flags = flags;
    try {
      Files.createDirectories(folder);
      Files.writeString(
          folder.resolve("prometheus.yml"),
          """
          global:
            scrape_interval: %1$ds
            scrape_timeout: %1$ds
          scrape_configs:
          - job_name: mesh
            static_configs:
            - targets: ['%2$s']
          """
                  .formatted(interval.toSeconds(), target)
              + relabelling);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.daemon = run();
  }

  private Daemon run() {
    List<String> command =
        new ArrayList<>(
            List.of(
                "prometheus",
                "--config.file=" + folder.resolve("prometheus.yml"),
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port));
    command.addAll(flags);
    Daemon started = Daemon.start(folder.resolve("prometheus.log"), Map.of(), command);
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest ready = HttpRequest.newBuilder(url().resolve("/-/ready")).build();
      await("prometheus")
          .atMost(Duration.ofSeconds(60))
          .failFast("prometheus has ended: " + folder, () -> !started.alive())
          .ignoreExceptions()
          .until(
              () -> http.send(ready, HttpResponse.BodyHandlers.discarding()).statusCode() == 200);
    }
    return started;
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** SIGKILL. */
  public void kill() {
    daemon.kill();
  }

  /** Starts it again on its port with its data. */
  public void restart() {
    daemon = run();
  }

  /** SIGSTOP: it answers nothing, and its port is open. */
  public void freeze() {
    daemon.freeze();
  }

  /** SIGCONT. */
  public void thaw() {
    daemon.thaw();
  }

  @Override
  public void close() {
    daemon.kill();
  }
}
