// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.WatchEvent;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.Config;
import io.mtlsmigration.testing.ApiClients;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class ClusterConnectionTest {

  private static final String ONE =
      """
      apiVersion: v1
      kind: Config
      current-context: one
      clusters:
      - {name: c1, cluster: {server: "https://one.example:6443"}}
      contexts:
      - {name: one, context: {cluster: c1, user: u1}}
      users:
      - {name: u1, user: {token: first}}
      """;

  private static final String TWO =
      """
      apiVersion: v1
      kind: Config
      current-context: two
      clusters:
      - {name: c1, cluster: {server: "https://other.example"}}
      - {name: c2, cluster: {server: "https://two.example"}}
      contexts:
      - {name: two, context: {cluster: c2, user: u1}}
      - {name: nowhere, context: {cluster: c9, user: u1}}
      - {name: nobody, context: {cluster: c2, user: u9}}
      """;

  @TempDir Path folder;
  private final AtomicLong ticker = new AtomicLong();

  @Test
  void readsOneFile() throws IOException {
    Path one = file("one", ONE);

    try (ClusterConnection connection = open(null, one)) {
      Config config = connection.client().getConfiguration();
      assertEquals("https://one.example:6443/", config.getMasterUrl());
      assertEquals("first", config.getOauthTokenProvider().getToken());
      assertEquals("mtls-migration/9.9", config.getUserAgent());
      assertEquals("mtls-migration", connection.ownNamespace());
      assertTrue(
          connection.description().endsWith(" by context one of " + one), connection.description());
    }
  }

  /** Such as that of a variable, which the managedFields of its object repeat as a key. */
  @Test
  void readsNamesOfAnyLength() throws IOException {
    String object =
        """
        {"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"name": "a",
         "managedFields": [{"fieldsV1": {"k:{%s}": {}}}]}}
        """
            .formatted("x".repeat(100_000));

    try (ClusterConnection connection = open(null, file("one", ONE))) {
      Deployment read =
          connection
              .client()
              .getKubernetesSerialization()
              .unmarshal(
                  new ByteArrayInputStream(object.getBytes(StandardCharsets.UTF_8)),
                  Deployment.class);
      assertEquals("a", read.getMetadata().getName());
    }
  }

  /** A native binary has only kinds that are used, and would read no event of a watch. */
  @Test
  void looksUpNoKindButHowAWatchEnds() throws IOException {
    try (ClusterConnection connection = open(null, file("one", ONE))) {
      assertInstanceOf(
          GenericKubernetesResource.class, watched(connection, "apps/v1", "Deployment"));
      assertInstanceOf(Status.class, watched(connection, "v1", "Status"));
    }
  }

  private static Object watched(ClusterConnection connection, String version, String kind) {
    return connection
        .client()
        .getKubernetesSerialization()
        .unmarshal(
            """
            {"type": "ERROR", "object": {"apiVersion": "%s", "kind": "%s"}}
            """
                .formatted(version, kind),
            WatchEvent.class)
        .getObject();
  }

  @Test
  void mergesFilesSoThatTheFirstToSetAValueWins() throws IOException {
    Path one = file("one", ONE);
    Path two = file("two", TWO);

    try (ClusterConnection connection = open("two", folder.resolve("missing"), one, two)) {
      Config config = connection.client().getConfiguration();
      assertEquals("https://two.example/", config.getMasterUrl());
      assertEquals("first", config.getOauthTokenProvider().getToken());
    }
    try (ClusterConnection connection = open(null, one, two)) {
      assertEquals(
          "https://one.example:6443/", connection.client().getConfiguration().getMasterUrl());
    }
  }

  @Test
  void readsATokenAnewOnceAMinute() throws IOException {
    Path one = file("one", ONE);
    try (ClusterConnection connection = open(null, one)) {
      var token = connection.client().getConfiguration().getOauthTokenProvider();
      file("one", ONE.replace("first", "second"));

      ticker.addAndGet(Duration.ofSeconds(59).toNanos());
      assertEquals("first", token.getToken());
      ticker.addAndGet(Duration.ofSeconds(1).toNanos());
      assertEquals("second", token.getToken());
    }
  }

  @Test
  void keepsTheTokenWhenItsFileIsGone() throws IOException {
    Path account = serviceAccount();
    try (ClusterConnection connection = open(account)) {
      Files.delete(account.resolve("token"));

      ticker.addAndGet(Duration.ofMinutes(2).toNanos());

      assertEquals(
          "of-the-pod", connection.client().getConfiguration().getOauthTokenProvider().getToken());
    }
  }

  @Test
  void isThePodsServiceAccountInAPod() throws IOException {
    Path account = serviceAccount();

    try (ClusterConnection connection = open(account)) {
      Config config = connection.client().getConfiguration();
      assertEquals("https://10.0.0.1:443/", config.getMasterUrl());
      assertEquals("of-the-pod", config.getOauthTokenProvider().getToken());
      assertEquals("platform", connection.ownNamespace());
      assertFalse(config.isTrustCerts());
    }
  }

  @Test
  void refusesAPodWithoutAToken() {
    ConnectionException refused = assertThrows(ConnectionException.class, () -> open(folder));

    assertTrue(refused.getMessage().contains(folder.resolve("token").toString()));
    assertTrue(refused.getMessage().contains("automountServiceAccountToken"));
  }

  @Test
  void givesUpEarlierWithTheImpatientClient() throws IOException {
    Path one = file("one", ONE);
    try (ClusterConnection connection = open(null, one);
        var impatient = connection.impatientClient(Duration.ofSeconds(3))) {
      assertEquals(3000, impatient.getConfiguration().getRequestTimeout());
      assertEquals(0, impatient.getConfiguration().getRequestRetryBackoffLimit());
      assertEquals("first", impatient.getConfiguration().getOauthTokenProvider().getToken());
      assertEquals(10_000, connection.client().getConfiguration().getRequestTimeout());
    }
  }

  static Stream<Arguments> wrong() {
    return Stream.of(
        argumentSet("no such context", TWO, "tow", "there is no context \"tow\"; there are: two,"),
        argumentSet("no such cluster", TWO, "nowhere", "names no known cluster: c9"),
        argumentSet("no such user", TWO, "nobody", "names no known user: u9"),
        argumentSet(
            "no current context",
            TWO.replace("current-context: two", ""),
            null,
            "it names no current-context; there are: two,"),
        argumentSet(
            "no server", ONE.replace("server:", "proxy-url:"), null, "\"c1\" names no server"),
        argumentSet(
            "no such authority",
            ONE.replace("server:", "certificate-authority: /no/ca.crt, server:"),
            null,
            "it names the file /no/ca.crt, which cannot be read"),
        argumentSet("not YAML", "{", null, "is not a kubeconfig"),
        argumentSet("nothing", "", null, "it names no current-context; there are: none"));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void refusesWhatKubectlWouldRefuse(String content, @Nullable String context, String message)
      throws IOException {
    Path path = file("wrong", content);

    ConnectionException refused =
        assertThrows(ConnectionException.class, () -> open(context, path));

    assertTrue(refused.getMessage().startsWith(path.toString()), refused.getMessage());
    assertTrue(refused.getMessage().contains(message), refused.getMessage());
    assertEquals(1, refused.getMessage().lines().count(), refused.getMessage());
  }

  @Test
  void namesTheFilesThatAreNotThere() {
    ConnectionException refused =
        assertThrows(
            ConnectionException.class, () -> open(null, folder.resolve("a"), folder.resolve("b")));

    assertEquals(
        "there is no kubeconfig at " + folder.resolve("a") + ", " + folder.resolve("b"),
        refused.getMessage());
  }

  private ClusterConnection open(@Nullable String context, Path... files) {
    return open(new ClusterLocation.Kubeconfig(Arrays.asList(files), context));
  }

  private ClusterConnection open(Path serviceAccount) {
    return open(new ClusterLocation.InPod("https://10.0.0.1:443", serviceAccount));
  }

  private ClusterConnection open(ClusterLocation location) {
    return ClusterConnection.open(
        new ConnectionOptions(location, null, Duration.ofSeconds(5), Duration.ofSeconds(10), "9.9"),
        ticker::get,
        ApiClients.VERTX);
  }

  private Path serviceAccount() throws IOException {
    file("token", "of-the-pod\n");
    file("namespace", "platform");
    return folder;
  }

  private Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }
}
