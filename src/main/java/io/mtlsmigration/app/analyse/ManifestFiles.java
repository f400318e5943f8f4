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
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
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
 * @param skipped what is not read, and why: links to other folders, which may lead in a circle, and
 *     files of no Kubernetes object
 * @param makers objects that make others, which are not read, with their files
 * @param whole whether each of the others was read to its end: what is wrong with one that is not
 *     well-formed is among the problems of the facts
 */
record ManifestFiles(
    Facts facts,
    Map<ObjectRef, FileLine> places,
    List<String> skipped,
    List<String> makers,
    boolean whole) {

  /** Objects that make others of what is elsewhere, or change what is in other files. */
  private static final Set<String> MAKING =
      Set.of(
          "kustomize.config.k8s.io/Kustomization",
          "kustomize.config.k8s.io/Component",
          "kustomize.toolkit.fluxcd.io/Kustomization",
          "helm.toolkit.fluxcd.io/HelmRelease",
          "helm.cattle.io/HelmChart",
          "argoproj.io/Application",
          "argoproj.io/ApplicationSet");

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
   * @throws IOException when one cannot be opened, a folder has none, the standard input is empty
   *     (whoever was to write it has failed), or there is no object in any
   */
  static ManifestFiles read(
      List<String> names, Set<String> injected, InputStream piped, Instant now) throws IOException {
    FactsCollector collector = new FactsReader(Templates.AS_PODS_AND_PODS).collect(now);
    Map<ObjectRef, FileLine> places = new HashMap<>();
    List<String> skipped = new ArrayList<>();
    List<String> makers = new ArrayList<>();
    List<ManifestProblem> malformed = new ArrayList<>();
    for (String name : names) {
      if (name.equals(PIPED)) {
        try {
          read(notEmpty(piped), "stdin", collector, places, makers);
        } catch (ManifestException e) {
          malformed.addAll(e.problems());
        }
      } else {
        Path named = Path.of(name);
        for (Path file : files(named, skipped)) {
          try (InputStream in = Files.newInputStream(file)) {
            read(in, shown(file), collector, places, makers);
          } catch (ManifestException e) {
            // After that many problems the rest was not read.
            boolean whole = e.problems().size() < LIMITS.maxProblems();
            if (!file.equals(named) && whole && e.ofNoObject()) {
              skipped.add(e.problems().getFirst().toString());
            } else {
              malformed.addAll(e.problems());
            }
          }
        }
      }
    }
    if (places.isEmpty() && malformed.isEmpty()) {
      throw new NoSuchFileException(String.join(" ", names), null, "no Kubernetes object in it");
    }
    malformed.forEach(collector::add);
    Facts facts = collector.facts(injected);
    placeOwners(facts, places);
    return new ManifestFiles(
        facts, Map.copyOf(places), List.copyOf(skipped), List.copyOf(makers), malformed.isEmpty());
  }

  /**
   * Returns whether all that the files have is objects that make others, which were not read, and
   * perhaps the namespaces for these.
   */
  boolean onlyMakers() {
    return !makers.isEmpty()
        && facts.snapshot().namespaces().values().stream().allMatch(ManifestFiles::nothingIn);
  }

  private static boolean nothingIn(NamespaceFacts facts) {
    return facts.pods().isEmpty()
        && facts.services().isEmpty()
        && facts.peerAuthentications().isEmpty();
  }

  private static InputStream notEmpty(InputStream piped) throws IOException {
    PushbackInputStream in = new PushbackInputStream(piped);
    int first = in.read();
    if (first < 0) {
      throw new NoSuchFileException(PIPED, null, "the standard input is empty");
    }
    in.unread(first);
    return in;
  }

  /** Places a workload that no file has, as in a dump of pods alone, at the first of its pods. */
  private static void placeOwners(Facts facts, Map<ObjectRef, FileLine> places) {
    for (NamespaceFacts namespace : facts.snapshot().namespaces().values()) {
      for (Pod pod : namespace.pods()) {
        FileLine place = places.get(pod.ref());
        if (place != null) {
          places.putIfAbsent(pod.workload().ref(), place);
        }
      }
    }
  }

  private static void read(
      InputStream in,
      String name,
      FactsCollector collector,
      Map<ObjectRef, FileLine> places,
      List<String> makers)
      throws IOException {
    ManifestReader.forEach(
        in,
        name,
        LIMITS,
        (Manifest manifest) -> {
          places.putIfAbsent(manifest.ref(), new FileLine(name, Math.max(1, manifest.line())));
          if (MAKING.contains(manifest.group() + "/" + manifest.ref().kind())) {
            makers.add("%s in %s".formatted(manifest.ref().kind(), name));
          }
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
      found.stream()
          .filter(path -> isManifest(path) && Files.notExists(path))
          .forEach(path -> skipped.add(shown(path) + " is a link to nothing"));
      List<Path> manifests =
          found.stream().filter(Files::isRegularFile).filter(ManifestFiles::isManifest).toList();
      if (manifests.isEmpty()) {
        throw new NoSuchFileException(named.toString(), null, "no .yaml, .yml or .json in it");
      }
      return manifests;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Returns a file's name as the tools know it that show results: without {@code ./} before. */
  private static String shown(Path file) {
    return file.normalize().toString().replace(File.separatorChar, '/');
  }

  private static boolean isManifest(Path file) {
    return file.getFileName().toString().matches("(?s).*\\.(yaml|yml|json)");
  }
}
