// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Built-in scenarios, those in folders, and generated ones. */
public final class Scenarios {

  /**
   * The files of the built-in scenarios. Listed, because a native image cannot list a folder of its
   * resources.
   */
  static final Map<String, List<String>> BUILT_IN =
      Map.of(
          "task",
          List.of("mesh.yaml", "traffic.yaml"),
          "showcase",
          List.of(
              "mesh.yaml",
              "hazards.yaml",
              "warnings.yaml",
              "gates.yaml",
              "dataplanes.yaml",
              "traffic.yaml"));

  private Scenarios() {}

  /**
   * Returns a built-in scenario.
   *
   * @param now age of objects without a creation time
   * @throws ScenarioException when there is none of that name
   */
  public static Scenario builtIn(String name, Instant now) {
    List<String> files = BUILT_IN.get(name);
    if (files == null) {
      throw new ScenarioException(
          "There is no built-in scenario '%s', only %s"
              .formatted(name, BUILT_IN.keySet().stream().sorted().toList()));
    }
    Map<String, byte[]> contents = new LinkedHashMap<>();
    for (String file : files) {
      contents.put(file, resource("/sandbox/" + name + "/" + file));
    }
    return read(name, contents, now);
  }

  private static byte[] resource(String path) {
    try (InputStream in = Scenarios.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException("resource " + path + " was left out of the build");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read resource " + path, e);
    }
  }

  /**
   * Reads every {@code *.yaml} of a folder.
   *
   * @param now age of objects without a creation time
   * @throws ScenarioException with every problem in any of the files
   */
  public static Scenario folder(Path folder, Instant now) {
    if (!Files.isDirectory(folder)) {
      throw new ScenarioException("Scenario " + folder + " is not a folder");
    }
    Map<String, byte[]> contents = new LinkedHashMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList()) {
        contents.put(String.valueOf(file.getFileName()), Files.readAllBytes(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read scenario " + folder, e);
    }
    if (contents.isEmpty()) {
      throw new ScenarioException("Scenario " + folder + " has no *.yaml");
    }
    return read(folder.toString(), contents, now);
  }

  /**
   * Returns a generated mesh.
   *
   * @param size {@code namespaces=N,pods=M}: M pods in each of N namespaces
   * @param now objects are thirty days older
   * @throws ScenarioException when the size is malformed, or out of bounds
   */
  public static Scenario generated(String size, Instant now) {
    return GeneratedMesh.parse(size).scenario(now);
  }

  private static Scenario read(String name, Map<String, byte[]> files, Instant now) {
    ScenarioReader reader = new ScenarioReader(now);
    files.forEach((file, bytes) -> reader.add(new ByteArrayInputStream(bytes), file));
    return reader.scenario(name);
  }
}
