// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.nativeimage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mtlsmigration.e2e.SandboxProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the packaged service loads by name while it plays Istio's task, as the JVM itself tells: a
 * native binary has of that only what was registered. {@link NativeRegistrations} holds what our
 * code reaches against the registrations; this finds what libraries look up. Whoever is new here is
 * to be read, then named with the reason why a binary has what it loads, or does not need it.
 */
@Tag("packaged")
final class LoadedByNameIT {

  /** Callers of {@code Class.forName}, by the beginning of their names, and why that is right. */
  static final Map<String, String> CALLERS =
      Map.ofEntries(
          Map.entry("io.quarkus.", "Quarkus runs it when it builds, or registers what it loads"),
          Map.entry("java.", "the JDK's own, and messages of JBoss Logging, which Quarkus knows"),
          Map.entry("jdk.", "the JDK's own"),
          Map.entry("sun.", "the JDK's own; types in annotations and signatures"),
          Map.entry("jakarta.json.spi.JsonProvider.", "Quarkus' extension registers its provider"),
          Map.entry("org.jboss.logging.LoggerProviders.", "Quarkus' own log manager"),
          Map.entry(
              "picocli.CommandLine$Interpreter.", "converters of java.sql, which no option has"),
          Map.entry("org.yaml.snakeyaml.nodes.Tag.", "types of java.sql, which no document has"),
          Map.entry("com.fasterxml.jackson.databind.ext.Java7Support.", "when it is initialised"),
          Map.entry("com.networknt.schema.utils.Classes.", "asked when it is initialised"),
          Map.entry("io.micrometer.core.instrument.binder.jvm.", "metrics that a binary has not"),
          Map.entry("io.netty.handler.codec.compression.", "no body is compressed so"),
          Map.entry("io.opentelemetry.api.internal.IncubatingUtil.", "what may be absent"),
          Map.entry("io.vertx.core.logging.LoggerFactory.", "Quarkus' own log manager"),
          Map.entry("io.vertx.core.net.impl.HAProxyMessageCompletionHandler.", "not spoken here"));

  /** How a ServiceLoader loads what stands in a file of the class path. */
  private static final String PROVIDERS = "java.util.ServiceLoader$LazyClassPathLookupIterator.";

  /**
   * Ours are registered ({@link NativeRegistrations}). Others are registered by Quarkus'
   * extensions, or looked up where a class is initialised, which for a binary is at its build.
   */
  private static final Set<String> KNOWN_PROVIDERS =
      Set.of(
          "io.mtlsmigration.api.input.HeadDeadlines",
          "io.opentelemetry.sdk.autoconfigure.EnvironmentResourceProvider",
          "io.quarkus.bootstrap.logging.EmptyLogConfiguratorFactory",
          "io.quarkus.bootstrap.logging.InitialConfigurator",
          "io.quarkus.opentelemetry.runtime.OpenTelemetryContextStorageProvider",
          "io.quarkus.vertx.mdc.provider.LateBoundMDCProvider",
          "org.jboss.logmanager.JBossLoggerFinder",
          "org.jboss.logmanager.configuration.DefaultConfiguratorFactory",
          "org.jboss.resteasy.reactive.server.core.ServerResponseBuilderFactory",
          "org.slf4j.impl.JBossSlf4jServiceProvider");

  private static final String LOADS = "Java stack when loading ";

  /** Frames of whoever finds the class, below whom the one stands that wanted it. */
  private static final List<String> FINDERS =
      List.of(
          "jdk.internal.loader.",
          "java.lang.ClassLoader.",
          "java.net.URLClassLoader.",
          "java.security.SecureClassLoader.");

  /** A class that was loaded by name, and who did that. */
  private record Load(String type, String caller) {}

  @Test
  void isKnownWithAllWhoLoadIt(@TempDir Path folder) throws Exception {
    assumeTrue(System.getProperty("native.image.path", "").isEmpty(), "a binary loads nothing");
    assumeTrue(
        Runtime.version().feature() >= 25
            && !System.getProperty("java.vm.name", "").contains("OpenJ9"),
        "an older JVM, or another one than HotSpot, does not tell who loads a class");
    Path log = folder.resolve("loads");
    // What is in an AOT cache is not told.
    Map<String, String> jvm =
        Map.of(
            "JDK_JAVA_OPTIONS",
            "-XX:AOTMode=off -XX:LogClassLoadingCauseFor=* -Xlog:class+load+cause:file="
                + log
                + ":none:filecount=0");

    try (SandboxProcess service =
        SandboxProcess.start(folder.resolve("log"), jvm, "--plan", "docs/task/foo.json")) {
      calls(service);
    }
    List<Load> loads = read(log);

    assertTrue(loads.stream().anyMatch(load -> load.type.endsWith(".HeadDeadlines")), "nothing");
    assertEquals(Map.of(), unknown(loads));
  }

  /**
   * Each way of reading and writing: JSON, YAML, text, a schema, a query, a stream's first line.
   */
  private static void calls(SandboxProcess service) throws IOException {
    String manifests =
        Files.readString(Path.of("src/main/resources/sandbox/showcase/hazards.yaml"));
    for (String path : List.of("/mesh", "/plans/foo", "/traffic", "/findings", "/connectivity")) {
      assertEquals(200, service.http().get(path).statusCode(), path);
    }
    assertEquals(
        200,
        service
            .http()
            .contentType("application/yaml")
            .body(manifests.getBytes(UTF_8))
            .post("/analyses?mode=STRICT")
            .statusCode());
    assertEquals(
        422, service.http().contentType("application/json").body("{}").post("/plans").statusCode());
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                !service
                    .http()
                    .get("/plans/foo/namespaces/foo")
                    .jsonPath()
                    .getString("phase")
                    .equals("PENDING"));
  }

  private static Map<String, Set<String>> unknown(List<Load> loads) {
    Map<String, Set<String>> unknown = new TreeMap<>();
    for (Load load : loads) {
      boolean known =
          load.caller.startsWith(PROVIDERS)
              ? KNOWN_PROVIDERS.contains(load.type)
              : Lookups.knows(CALLERS, load.caller);
      if (!known) {
        unknown.computeIfAbsent(load.caller, caller -> new TreeSet<>()).add(load.type);
      }
    }
    return unknown;
  }

  private static List<Load> read(Path log) throws IOException {
    List<Load> loads = new ArrayList<>();
    List<String> frames = new ArrayList<>();
    String[] type = {""};
    try (Stream<String> lines = Files.lines(log)) {
      lines.forEach(
          line -> {
            if (line.startsWith(LOADS)) {
              add(type[0], frames, loads);
              frames.clear();
              type[0] = line.substring(LOADS.length(), line.length() - 1);
            } else if (line.startsWith("\tat ")) {
              frames.add(line.substring(4, line.indexOf('(')));
            }
          });
    }
    add(type[0], frames, loads);
    return loads;
  }

  private static void add(String type, List<String> frames, List<Load> loads) {
    List<String> wanting =
        frames.stream().dropWhile(frame -> FINDERS.stream().anyMatch(frame::startsWith)).toList();
    if (!wanting.isEmpty() && wanting.getFirst().startsWith("java.lang.Class.forName")) {
      wanting.stream()
          .filter(frame -> !frame.startsWith("java.lang.Class.forName"))
          .findFirst()
          .ifPresent(caller -> loads.add(new Load(type, caller)));
    }
  }
}
