// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;

import io.mtlsmigration.testing.FreePort;
import io.mtlsmigration.testing.Packaged;
import io.restassured.specification.RequestSpecification;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The packaged service in its sandbox, as a process of its own. */
public final class SandboxProcess implements AutoCloseable {

  private static final Duration TO_START = Duration.ofSeconds(90);

  private final Daemon process;
  private final String api;
  private final String management;

  private SandboxProcess(Daemon process, String api, String management) {
    this.process = process;
    this.api = api;
    this.management = management;
  }

  /**
   * Starts it and waits until it is ready.
   *
   * @param keys of the configuration, over what is packaged
   */
  public static SandboxProcess start(Path log, Map<String, String> keys, String... arguments) {
    int port = FreePort.next();
    int management = FreePort.next();
    Map<String, String> environment = new TreeMap<>();
    environment.put("QUARKUS_HTTP_PORT", Integer.toString(port));
    environment.put("QUARKUS_MANAGEMENT_PORT", Integer.toString(management));
    keys.forEach(
        (key, value) ->
            environment.put(key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT), value));
    List<String> command = Packaged.command(List.of());
    command.addAll(List.of(arguments));
    SandboxProcess started =
        new SandboxProcess(
            Daemon.start(log, environment, command),
            "http://127.0.0.1:" + port,
            "http://127.0.0.1:" + management);
    return started.awaitReady();
  }

  private SandboxProcess awaitReady() {
    try {
      await("the service is ready")
          .atMost(TO_START)
          .pollInterval(Duration.ofMillis(200))
          .failFast(this::ended)
          .ignoreExceptions()
          .until(() -> given().get(management + "/q/health/ready").statusCode() == 200);
      return this;
    } catch (RuntimeException | Error e) {
      process.close();
      throw e;
    }
  }

  private void ended() {
    if (!process.alive()) {
      throw new AssertionError("the service has ended:\n" + process.lastWords());
    }
  }

  /** A request to the API. */
  public RequestSpecification http() {
    return given().baseUri(api).basePath("/api/v1");
  }

  /** The address of the API's port. */
  public URI address() {
    return URI.create(api);
  }

  /** The address of the management port. */
  public URI management() {
    return URI.create(management);
  }

  /** What it has logged so far. */
  public String log() {
    return process.said();
  }

  /** SIGTERM, without waiting for what comes of it. */
  public void terminate() {
    process.terminate();
  }

  /** The exit code when it ends within a time; {@code -1} when it does not. */
  public int exit(Duration within) throws InterruptedException {
    return process.exit(within);
  }

  /** SIGTERM. */
  @Override
  public void close() {
    process.close();
  }
}
