// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Keeps {@code docs/hazards.md} equal to the catalogue. After a change of the catalogue run this
 * test with {@code -Dupdate.docs=true}: it writes the page, and the difference is reviewed.
 */
final class HazardCatalogueTest {

  private static final Path PAGE = Path.of("docs", "hazards.md");

  @Test
  void thePageSaysWhatTheCatalogueSays() throws IOException {
    String page = page();
    if (Boolean.getBoolean("update.docs")) {
      Files.createDirectories(PAGE.getParent());
      Files.writeString(PAGE, page);
    }

    String written = Files.exists(PAGE) ? Files.readString(PAGE) : "";

    assertEquals(
        page,
        written,
        "docs/hazards.md differs from the catalogue;"
            + " run ./mvnw test -Dtest=HazardCatalogueTest -Dupdate.docs=true");
  }

  private static String page() {
    StringBuilder page =
        new StringBuilder(
            """
            # Hazards

            What breaks people when a namespace goes STRICT. The service looks for each of these before it
            changes anything; a rule looks at which pods are really captured before it speaks. A BLOCKER fails
            the gate `hazards` unless an exception of the plan covers it; WARNING and INFO do not. The severity
            given here is the highest of the rule.

            This page is generated from the catalogue in `io.mtlsmigration.hazard`:
            `./mvnw test -Dtest=HazardCatalogueTest -Dupdate.docs=true`.

            | no. | code | severity | |
            |---|---|---|---|
            """);
    for (Hazard hazard : Hazards.catalogue()) {
      page.append(
          "| %d | [`%s`](#%s) | %s | %s |\n"
              .formatted(
                  hazard.code().number(),
                  hazard.code(),
                  hazard.code().name().toLowerCase(Locale.ROOT),
                  hazard.severity(),
                  hazard.title()));
    }
    for (Hazard hazard : Hazards.catalogue()) {
      page.append(section(hazard));
    }
    return page.toString();
  }

  private static String section(Hazard hazard) {
    String issues =
        hazard.issues().stream()
            .map("[#%1$d](https://github.com/istio/istio/issues/%1$d)"::formatted)
            .collect(Collectors.joining(", "));
    return """

    ## %s

    %s (%s).

    **What happens.** %s

    **What to do.** %s

    **Silent when.** %s
    """
            .formatted(
                hazard.code(),
                hazard.title(),
                hazard.severity(),
                hazard.happens(),
                hazard.remedy(),
                hazard.silentWhen())
        + (issues.isEmpty() ? "" : "\n**Seen in** istio/istio: " + issues + ".\n");
  }
}
