// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.sun.net.httpserver.HttpServer;
import io.mtlsmigration.Absent;
import io.mtlsmigration.prometheus.PrometheusTraffic;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is made of {@code mtls-migration.prometheus.*}. */
final class MeasuredTrafficTest {

  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-01-01T12:00:00Z"), ZoneOffset.UTC);
  private static final String URL = "http://127.0.0.1:1";

  @TempDir Path folder;

  /** No {@code quarkus.tls.*} at all. */
  private static final class NoTls implements TlsConfigurationRegistry {
    @Override
    public Optional<TlsConfiguration> get(String name) {
      return Optional.empty();
    }

    @Override
    public Optional<TlsConfiguration> getDefault() {
      return Optional.empty();
    }

    @Override
    public void register(String name, TlsConfiguration configuration) {
      throw new UnsupportedOperationException();
    }
  }

  private static Optional<PrometheusTraffic> traffic(Map<String, String> keys) {
    Map<String, String> all = new HashMap<>();
    keys.forEach((key, value) -> all.put("mtls-migration.prometheus." + key, value));
    return MeasuredTraffic.options(Configured.with(all).prometheus(), new NoTls())
        .map(
            options ->
                new PrometheusTraffic(
                    options, () -> mesh(), Duration.ofSeconds(15), CLOCK, Absent.METER, Set.of()));
  }

  @Test
  void isNotThereWithoutAnAddress() {
    assertEquals(Optional.empty(), traffic(Map.of()));
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        argumentSet("another scheme", Map.of("url", "ftp://prometheus"), "url"),
        argumentSet("no scheme", Map.of("url", "prometheus:9090"), "url"),
        argumentSet("no host", Map.of("url", "http:///prometheus"), "url"),
        argumentSet("two ways in", Map.of("token", "a", "username", "b"), "token-file"),
        argumentSet("two tokens", Map.of("token", "a", "token-file", "/b"), "token-file"),
        argumentSet("a password without a name", Map.of("password", "a"), "username"),
        argumentSet("a name with a colon", Map.of("username", "a:b"), "username"),
        argumentSet("a file that is not there", Map.of("token-file", "/no/such"), "token-file"),
        argumentSet("a token of two lines", Map.of("token", "a\nb"), "token"),
        argumentSet("unknown TLS", Map.of("tls", "prom"), "tls"),
        argumentSet("no time", Map.of("timeout", "0s"), "timeout"),
        argumentSet("no refresh", Map.of("refresh", "-1s"), "refresh"),
        argumentSet(
            "a header that HTTP forbids", Map.of("headers.\"X-Scope OrgID\"", "a"), "headers"),
        argumentSet(
            "a header that is not ours to set",
            Map.of("headers.\"Content-Length\"", "7"),
            "headers"),
        argumentSet("a header of two lines", Map.of("headers.\"X-A\"", "a\r\nb"), "headers"));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void namesTheKeyThatIsWrongAtTheStart(Map<String, String> keys, String key) {
    Map<String, String> all = new HashMap<>(keys);
    all.putIfAbsent("url", URL);

    String message = assertThrows(ConfigurationException.class, () -> traffic(all)).getMessage();

    assertTrue(message.startsWith("mtls-migration.prometheus"), message);
    assertTrue(message.contains(key), message);
  }

  @Test
  void neverShowsASecretInAMessage() {
    String message =
        assertThrows(
                ConfigurationException.class,
                () -> traffic(Map.of("url", URL, "token", "s3cr3t\n2", "timeout", "5s")))
            .getMessage();

    assertTrue(!message.contains("s3cr3t"), message);
  }

  static Stream<Arguments> waysIn() {
    return Stream.of(
        argumentSet("a token", Map.of("token", "t0ken"), "Bearer t0ken"),
        argumentSet(
            "a name and a password",
            Map.of("username", "ann", "password", "s3cr3t"),
            "Basic YW5uOnMzY3IzdA=="),
        argumentSet("a name", Map.of("username", "ann"), "Basic YW5uOg=="),
        argumentSet("nothing", Map.of(), "none"));
  }

  @ParameterizedTest
  @MethodSource("waysIn")
  void sendsWhatIsConfigured(Map<String, String> keys, String expected) throws IOException {
    assertEquals(expected, authorizations(keys, () -> {}).getFirst());
  }

  @Test
  void readsATokenAgainForEachRequest() throws IOException {
    Path file = Files.writeString(folder.resolve("token"), "first\n");

    List<String> seen =
        authorizations(
            Map.of("token-file", file.toString()), () -> Files.writeString(file, "second"));

    assertEquals("Bearer first", seen.getFirst());
    assertEquals("Bearer second", seen.getLast());
  }

  @Test
  void saysThatATokenCannotBeReadAnyMore() throws IOException {
    Path file = Files.writeString(folder.resolve("token"), "first");
    PrometheusTraffic traffic =
        traffic(Map.of("url", URL, "token-file", file.toString())).orElseThrow();
    Files.delete(file);

    try (traffic) {
      Evidence<NamespaceTraffic> evidence =
          traffic.read(CLOCK.instant(), Duration.ofHours(1)).of("foo");

      assertTrue(
          evidence instanceof Evidence.Unavailable<NamespaceTraffic>(var reason, var detail)
              && detail.contains("mtls-migration.prometheus.token-file"),
          evidence::toString);
    }
  }

  private interface Step {
    void run() throws IOException;
  }

  /** What a server sees of two readings, between which something happens. */
  private static List<String> authorizations(Map<String, String> keys, Step between)
      throws IOException {
    List<String> seen = new CopyOnWriteArrayList<>();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String header = exchange.getRequestHeaders().getFirst("Authorization");
          seen.add(header == null ? "none" : header);
          exchange.sendResponseHeaders(403, -1);
          exchange.close();
        });
    server.start();
    Map<String, String> all = new HashMap<>(keys);
    all.put("url", "http://127.0.0.1:" + server.getAddress().getPort());
    try (PrometheusTraffic traffic = traffic(all).orElseThrow()) {
      traffic.read(CLOCK.instant(), Duration.ofHours(1));
      between.run();
      traffic.read(CLOCK.instant(), Duration.ofHours(2));
    } finally {
      server.stop(0);
    }
    return seen;
  }
}
