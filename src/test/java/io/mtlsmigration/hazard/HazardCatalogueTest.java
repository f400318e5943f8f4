// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The catalogue of {@code docs/hazards.md} has every code, with its severity and its issues. */
final class HazardCatalogueTest {

  private static final Pattern ROW = Pattern.compile("\\| \\d+ \\| \\[.*\\| [A-Z]+ \\|");
  private static final Pattern LINK = Pattern.compile("\\[#(\\d+)]\\((https://[^)]*/\\1)\\)");

  private static String page() throws IOException {
    return Files.readString(Path.of("docs", "hazards.md"));
  }

  @Test
  void listsEveryCodeInItsOrder() throws IOException {
    List<String> expected =
        Arrays.stream(HazardCode.values()).map(HazardCatalogueTest::row).toList();

    assertEquals(
        expected,
        ROW.matcher(page()).results().map(MatchResult::group).toList(),
        "docs/hazards.md");
  }

  private static String row(HazardCode code) {
    return "| %d | [`%s`](#%s) | %s |"
        .formatted(code.number(), code, code.name().toLowerCase(Locale.ROOT), code.severity());
  }

  @ParameterizedTest
  @EnumSource
  void describesEachCode(HazardCode code) throws IOException {
    String section =
        Arrays.stream(page().split("\n## "))
            .filter(part -> part.startsWith(code + "\n"))
            .findFirst()
            .orElse("");

    for (String part :
        List.of(
            " (%s).\n".formatted(code.severity()),
            "\n**What happens.** ",
            "\n**What to do.** ",
            "\n**Silent when.** ")) {
      assertTrue(section.contains(part), () -> "docs/hazards.md: " + code + " lacks " + part);
    }
    assertEquals(
        code.references(), LINK.matcher(section).results().map(link -> link.group(2)).toList());
  }
}
