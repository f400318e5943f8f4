// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.analyse;

import io.mtlsmigration.manifest.Facts;
import io.mtlsmigration.manifest.FactsCollector;
import io.mtlsmigration.manifest.FactsReader;
import io.mtlsmigration.manifest.Manifest;
import io.mtlsmigration.manifest.ManifestException;
import io.mtlsmigration.manifest.ManifestProblem;
import io.mtlsmigration.manifest.ManifestReader;
import io.mtlsmigration.manifest.ReadLimits;
import io.mtlsmigration.manifest.Templates;
import io.mtlsmigration.mesh.ObjectRef;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Manifests named on a command line, read as one set.
 *
 * @param places where each object was first read
 * @param skipped what is not read of folders, and why: links to others, which may lead in a circle,
 *     and files of no Kubernetes object
 */
record ManifestFiles(Facts facts, Map<ObjectRef, FileLine> places, List<String> skipped) {

  /** The name of the standard input. */
  private static final String PIPED = "-";

  /** Unlimited: a user's own files may have any size. */
  private static final ReadLimits LIMITS =
      ReadLimits.DEFAULT.withMaxBytes(Long.MAX_VALUE).withMaxObjects(Integer.MAX_VALUE);

  /**
   * The position where an object begins.
   *
   * @param line from 1
   */
  record FileLine(String file, int line) {}

  /**
   * Reads files, and every manifest file in folders and their subfolders.
   *
   * @param injected as of {@link FactsCollector#facts}
   * @throws ManifestException when one is not well-formed
   * @throws IOException when one cannot be read, or a folder has none
   */
  static ManifestFiles read(
      List<String> names, Set<String> injected, InputStream piped, Instant now) throws IOException {
    FactsCollector collector = new FactsReader(Templates.AS_PODS).collect(now);
    Map<ObjectRef, FileLine> places = new HashMap<>();
    List<String> skipped = new ArrayList<>();
    for (String name : names) {
      if (name.equals(PIPED)) {
        read(piped, "stdin", collector, places);
      } else {
        Path named = Path.of(name);
        for (Path file : files(named, skipped)) {
          try (InputStream in = Files.newInputStream(file)) {
            read(in, shown(file), collector, places);
          } catch (ManifestException e) {
            if (file.equals(named)
                || !e.problems().stream().allMatch(ManifestProblem::ofNoObject)) {
              throw e;
            }
            skipped.add(e.problems().getFirst().toString());
          }
        }
      }
    }
    return new ManifestFiles(collector.facts(injected), Map.copyOf(places), List.copyOf(skipped));
  }

  private static void read(
      InputStream in, String name, FactsCollector collector, Map<ObjectRef, FileLine> places)
      throws IOException {
    ManifestReader.forEach(
        in,
        name,
        LIMITS,
        (Manifest manifest) -> {
          places.putIfAbsent(manifest.ref(), new FileLine(name, Math.max(1, manifest.line())));
          collector.add(manifest);
        });
  }

  private static List<Path> files(Path named, List<String> skipped) throws IOException {
    if (!Files.isDirectory(named)) {
      return List.of(named);
    }
    Path folder = named.toRealPath();
    try (Stream<Path> walk = Files.walk(folder)) {
      List<Path> found =
          walk.map(path -> named.resolve(folder.relativize(path).toString())).sorted().toList();
      found.stream()
          .filter(path -> !path.equals(named))
          .filter(path -> Files.isSymbolicLink(path) && Files.isDirectory(path))
          .forEach(path -> skipped.add(shown(path) + " is a link to a folder: name it"));
      List<Path> manifests =
          found.stream().filter(Files::isRegularFile).filter(ManifestFiles::isManifest).toList();
      if (manifests.isEmpty()) {
        throw new NoSuchFileException(named.toString(), null, "no .yaml, .yml or .json in it");
      }
      return manifests;
    }
  }

  private static String shown(Path file) {
    return file.toString().replace('\\', '/');
  }

  private static boolean isManifest(Path file) {
    return file.getFileName().toString().matches(".*\\.(yaml|yml|json)");
  }
}
