// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/security.md} names tests that there are, and {@code NOTICE} what is bundled. */
final class SecurityDocTest {

  private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|IT|E2E|OnMesh))`");
  private static final Pattern SCRIPT = Pattern.compile("<(preact|dagre|uplot)[.]version>([^<]+)<");

  @Test
  void namesTestsThatThereAre() throws IOException {
    Set<String> named = new TreeSet<>();
    TEST.matcher(Files.readString(Path.of("docs/security.md")))
        .results()
        .forEach(match -> named.add(match.group(1)));

    assertTrue(named.size() > 20);
    named.removeAll(tests());
    assertEquals(Set.of(), named);
  }

  private static Set<String> tests() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
      return files
          .map(file -> String.valueOf(file.getFileName()).replace(".java", ""))
          .collect(Collectors.toSet());
    }
  }

  /** Their licences want their notices to go with every copy. */
  @Test
  void noticesTheVersionsThatAreBundled() throws IOException {
    String notice = Files.readString(Path.of("NOTICE"));

    assertEquals(
        Set.of(),
        SCRIPT
            .matcher(Files.readString(Path.of("pom.xml")))
            .results()
            .map((MatchResult version) -> version.group(2))
            .filter(version -> !notice.contains(" " + version + ","))
            .collect(Collectors.toSet()));
  }
}
