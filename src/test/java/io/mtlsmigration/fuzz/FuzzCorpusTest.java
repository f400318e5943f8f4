// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What fuzzing has begun with, and what it has ever found, read again by each parser: a folder of
 * inputs for every class whose name ends with {@code Fuzz}. {@code make fuzz-parsers} looks for
 * more.
 */
final class FuzzCorpusTest {

  private static final Path CORPORA = Path.of("src/test/resources/fuzz");
  private static final Path SOURCES = Path.of("src/test/java");

  static Stream<Arguments> inputs() throws IOException {
    try (Stream<Path> files = Files.walk(CORPORA)) {
      return files
          .filter(Files::isRegularFile)
          .sorted()
          .<Arguments>map(file -> argumentSet(CORPORA.relativize(file).toString(), file))
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("inputs")
  void isReadInNoTimeAndWithoutAFault(Path input) throws IOException, ReflectiveOperationException {
    byte[] data = Files.readAllBytes(input);
    Class<?> target = Class.forName(String.valueOf(input.getParent().getFileName()));
    MethodHandle read =
        MethodHandles.publicLookup()
            .findStatic(
                target, "fuzzerTestOneInput", MethodType.methodType(void.class, byte[].class));

    assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () -> {
          read.invokeExact(data);
        });
  }

  @Test
  void isThereForEveryParser() throws IOException {
    Set<String> targets = new TreeSet<>();
    try (Stream<Path> sources = Files.walk(SOURCES)) {
      for (Path source : sources.filter(file -> file.toString().endsWith("Fuzz.java")).toList()) {
        String path = SOURCES.relativize(source).toString();
        targets.add(path.replace(".java", "").replace('/', '.'));
      }
    }

    List<Path> folders;
    try (Stream<Path> listed = Files.list(CORPORA)) {
      folders = listed.toList();
    }
    assertEquals(
        targets,
        folders.stream()
            .map(folder -> String.valueOf(folder.getFileName()))
            .collect(Collectors.toCollection(TreeSet::new)));
  }
}
