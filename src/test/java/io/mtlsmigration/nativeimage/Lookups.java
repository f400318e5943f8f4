// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.nativeimage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;

/**
 * Who looks up classes, members, resources and providers by name in the services and commands that
 * tests have started, as the JVM's own flight recorder tells ({@code native/lookups.jfc}): {@code
 * make lookups-test} has them recorded. A native binary has of that what was registered; who is new
 * here is to be read, then named with the reason why a binary has what it looks up, or does not
 * need it. {@link LoadedByNameIT} also tells what was loaded.
 */
final class Lookups {

  private static final Path RECORDED = Path.of("target/lookups");

  /** Callers beside {@link LoadedByNameIT#CALLERS}, by the beginning of their names, and why. */
  private static final Map<String, String> CALLERS =
      Map.ofEntries(
          Map.entry("io.mtlsmigration.", "NativeRegistrations holds it against what is registered"),
          Map.entry("com.sun.", "the JDK's own: metrics that a binary has not, and proxies"),
          Map.entry(
              "io.quarkiverse.", "Quarkus runs it when it builds, or registers what it loads"),
          Map.entry(
              "io.netty.", "registered by Quarkus' extension for Netty, or a member of Unsafe"),
          Map.entry("io.vertx.core.", "registered by Quarkus' extension for Vert.x, or not used"),
          Map.entry("io.smallrye.", "registered by Quarkus' extensions, or loaded when they build"),
          Map.entry("io.opentelemetry.", "registered by Quarkus' extension, or may be absent"),
          Map.entry("org.jboss.", "registered by Quarkus' extensions for REST and logging"),
          Map.entry("org.slf4j.", "registered by Quarkus' extension for logging"),
          Map.entry("org.hibernate.validator.", "registered by Quarkus' extension"),
          Map.entry("org.eclipse.microprofile.", "registered by Quarkus' extensions"),
          Map.entry("jakarta.", "registered by Quarkus' extensions"),
          Map.entry("com.fasterxml.jackson.databind.", "members of types that are registered"),
          Map.entry("com.aayushatharva.brotli4j.", "no body is compressed so"),
          Map.entry("com.github.benmanes.caffeine.cache.", "registered by Quarkus' extension"),
          Map.entry("io.cloudevents.core.provider.CloudEventValidatorProvider.", "has none"),
          Map.entry(
              "org.bouncycastle.jce.provider.BouncyCastleProvider.",
              "for keys that the JDK cannot read, which Netty looks for whether or not there is one"),
          Map.entry(
              "io.fabric8.kubernetes.client.impl.Adapters.", "Quarkus registers what it loads"),
          Map.entry("io.micrometer.core.instrument.binder.", "metrics that a binary has not"),
          Map.entry(
              "picocli.CommandLine$", "types that no option has, and the width of a terminal"));

  /** Frames of whoever looks up, below whom the one stands that wanted it. */
  private static final List<String> FINDERS =
      List.of(
          "java.lang.Class.",
          "java.lang.ClassLoader.",
          "java.lang.Module.",
          "java.lang.invoke.MethodHandles$Lookup.",
          "java.lang.reflect.Proxy.",
          "java.util.ResourceBundle.",
          "java.util.ServiceLoader.",
          "jdk.internal.loader.",
          "java.net.URLClassLoader.",
          "java.security.SecureClassLoader.");

  @Test
  void areMadeByWhoIsKnown() throws IOException {
    Map<String, Set<String>> callers = new TreeMap<>();
    int services = 0;
    for (Path recording : recordings()) {
      services += read(recording, callers) ? 1 : 0;
    }
    assertTrue(services > 20, "only " + services + " recordings: make lookups-test makes them");
    assertTrue(callers.containsKey("io.mtlsmigration.contract.PlanSchema.file"), "no service");

    callers.keySet().removeIf(caller -> knows(LoadedByNameIT.CALLERS, caller));
    callers.keySet().removeIf(caller -> knows(CALLERS, caller));
    assertEquals(Map.of(), callers);
  }

  static boolean knows(Map<String, String> callers, String caller) {
    return callers.keySet().stream().anyMatch(caller::startsWith);
  }

  /** Whoever was killed leaves an empty file. */
  private static List<Path> recordings() throws IOException {
    try (Stream<Path> files = Files.list(RECORDED)) {
      return files
          .filter(file -> file.toString().endsWith(".jfr") && file.toFile().length() > 0)
          .toList();
    }
  }

  /** Adds who has looked up what; returns false when it holds nothing. */
  private static boolean read(Path recording, Map<String, Set<String>> callers) throws IOException {
    boolean any = false;
    try (RecordingFile events = new RecordingFile(recording)) {
      while (events.hasMoreEvents()) {
        RecordedEvent event = events.readEvent();
        if (event.getEventType().getName().equals("jdk.MethodTrace")) {
          any = true;
          callers
              .computeIfAbsent(caller(event), caller -> new TreeSet<>())
              .add(name(event.getValue("method")));
        }
      }
    }
    return any;
  }

  private static String caller(RecordedEvent event) {
    return event.getStackTrace().getFrames().stream()
        .map(RecordedFrame::getMethod)
        .map(Lookups::name)
        .filter(frame -> FINDERS.stream().noneMatch(frame::startsWith))
        .findFirst()
        .orElse("nobody");
  }

  private static String name(RecordedMethod method) {
    return method.getType().getName() + "." + method.getName();
  }
}
