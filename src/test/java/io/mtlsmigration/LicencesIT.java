// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What the package is made of may be passed on under this project's licence. */
final class LicencesIT {

  /** By SPDX; of several, the receiver chooses one. */
  private static final Set<String> ALLOWED =
      Set.of(
          "Apache-2.0",
          "MIT",
          "MIT-0",
          "BSD-2-Clause",
          "BSD-3-Clause",
          "0BSD",
          "ISC",
          "CC0-1.0",
          "UPL-1.0",
          "EPL-1.0",
          "EPL-2.0",
          // The licence of the JDK that it is a part of.
          "GPL-2.0-with-classpath-exception",
          // MIT under another name.
          "Bouncy Castle Licence",
          "Public Domain");

  /** Its POM names no licence; NIST has put it into the public domain. */
  private static final String UNNAMED = "jain-sip-ri";

  @Test
  void everyLibraryHasALicenceThatIsAllowed() throws IOException {
    JsonNode bill =
        new ObjectMapper().readTree(Path.of("target/quarkus-run-cyclonedx.json").toFile());
    TreeMap<String, Collection<String>> others = new TreeMap<>();
    int libraries = 0;
    for (JsonNode component : bill.path("components")) {
      if (isShipped(component)) {
        libraries++;
        Set<String> licences = licences(component);
        boolean known = component.path("name").asText().equals(UNNAMED);
        if (!known && licences.stream().noneMatch(ALLOWED::contains)) {
          others.put(component.path("purl").asText(), licences);
        }
      }
    }

    assertTrue(libraries > 100, libraries + " libraries");
    assertEquals(new TreeMap<>(), others);
  }

  private static boolean isShipped(JsonNode component) {
    for (JsonNode property : component.path("properties")) {
      if (property.path("value").asText().equals("runtime")) {
        return component.path("purl").asText().startsWith("pkg:maven/")
            && !component.path("name").asText().equals("mtls-migration");
      }
    }
    return false;
  }

  private static Set<String> licences(JsonNode component) {
    Set<String> licences = new TreeSet<>();
    for (JsonNode choice : component.path("licenses")) {
      JsonNode licence = choice.path("license");
      licences.add(licence.path("id").asText(licence.path("name").asText()));
    }
    return licences;
  }
}
