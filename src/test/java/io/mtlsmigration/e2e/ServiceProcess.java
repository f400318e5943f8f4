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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One replica of the packaged service ({@code target/quarkus-app}), as a process of its own that
 * can be killed and frozen.
 */
public final class ServiceProcess implements AutoCloseable {

  private static final Duration TO_START = Duration.ofSeconds(90);

  private final Daemon process;
  private final URI api;
  private final URI management;
  private final String token;

  private ServiceProcess(Daemon process, URI api, URI management, String token) {
    this.process = process;
    this.api = api;
    this.management = management;
    this.token = token;
  }

  /** What differs between replicas and tests; the rest is as shipped. */
  public static final class Builder {
    private final TestCluster cluster;
    private final Path folder;
    private final Map<String, String> environment = new TreeMap<>();
    private final List<String> arguments = new ArrayList<>();
    private String token = "";

    Builder(TestCluster cluster, Path folder) {
      this.cluster = cluster;
      this.folder = folder;
    }

    /** A configuration key, over what {@code k8s/} says. */
    public Builder with(String key, String value) {
      environment.put(variable(key), value);
      return this;
    }

    /** The bearer token that {@link ServiceProcess#http()} sends. */
    public Builder calledWith(String bearer) {
      token = bearer;
      return this;
    }

    /** Starts it under the shipped ServiceAccount, without waiting. */
    public ServiceProcess start() {
      int port = FreePort.next();
      int management = FreePort.next();
      with("quarkus.http.host", "127.0.0.1").with("quarkus.http.port", "" + port);
      environment.putIfAbsent(
          variable("mtls-migration.cluster.address"), "https://127.0.0.1:" + FreePort.next());
      with("quarkus.management.host", "127.0.0.1").with("quarkus.management.port", "" + management);
      List<String> command = Packaged.command(List.of());
      command.add("--kubeconfig");
      command.add(cluster.service().file().toString());
      command.addAll(arguments);
      Daemon daemon = Daemon.start(folder.resolve("service.log"), environment, command);
      return cluster.closing(
          new ServiceProcess(
              daemon,
              URI.create("http://127.0.0.1:" + port),
              URI.create("http://127.0.0.1:" + management),
              token));
    }

    /** As SmallRye Config reads it from the environment. */
    private static String variable(String key) {
      return key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(java.util.Locale.ROOT);
    }
  }

  /** The address of the API. */
  public URI api() {
    return api;
  }

  /** A request to the API, with the token that was given. */
  public RequestSpecification http() {
    RequestSpecification request = given().baseUri(api.toString()).basePath("/api/v1");
    return token.isEmpty() ? request : request.auth().oauth2(token);
  }

  /** Waits until {@code /q/health/ready} says UP. */
  public ServiceProcess awaitReady() {
    await("service is ready")
        .atMost(TO_START)
        .pollInterval(Duration.ofMillis(200))
        .failFast(() -> ended())
        .ignoreExceptions()
        .until(() -> health("ready") == 200);
    return this;
  }

  private void ended() {
    if (!process.alive()) {
      throw new AssertionError("the service has ended:\n" + process.lastWords());
    }
  }

  /** The status code of {@code /q/health/NAME}. */
  public int health(String name) {
    return given().baseUri(management.toString()).get("/q/health/" + name).statusCode();
  }

  /** What it has logged so far. */
  public String log() {
    return process.said();
  }

  /** What it has said last of its own part in the election. */
  public boolean leads() {
    String log = log();
    return log.lastIndexOf("This replica leads") > log.lastIndexOf("This replica follows");
  }

  public boolean alive() {
    return process.alive();
  }

  /** SIGKILL. */
  public void kill() {
    process.kill();
  }

  /** SIGSTOP. */
  public void freeze() {
    process.freeze();
  }

  /** SIGCONT. */
  public void thaw() {
    process.thaw();
  }

  /** SIGTERM, as a kubelet stops a pod; SIGKILL for one that does not end. */
  @Override
  public void close() {
    if (process.alive()) {
      process.thaw();
    }
    process.close();
  }
}
