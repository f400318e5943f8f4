// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What CONTRIBUTING.md says of where a change goes. */
final class ContributingTest {

  private static final Pattern FILE = Pattern.compile("`([\\w.-]+/[\\w./-]+)`");

  @Test
  void namesFilesThatAreThere() throws IOException {
    String page = Files.readString(Path.of("CONTRIBUTING.md"));
    int begin = page.indexOf("\n## Where does my change go");
    assertTrue(begin >= 0, "the page is gone");

    List<String> files =
        FILE.matcher(page.substring(begin, page.indexOf("\n## ", begin + 1)))
            .results()
            .map((MatchResult found) -> found.group(1))
            .toList();

    assertTrue(files.size() >= 10, () -> "only " + files + " are named");
    assertEquals(List.of(), files.stream().filter(file -> !Files.exists(Path.of(file))).toList());
  }
}
