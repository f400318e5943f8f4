// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The body of a call is the one that docs/hooks.md shows. */
final class HookBodyTest {

  private static final Pattern EXAMPLE =
      Pattern.compile("```json\n(\\{.*?\n})\n```", Pattern.DOTALL);

  @Test
  void isAsTheDocumentShows() throws IOException {
    Matcher example = EXAMPLE.matcher(Files.readString(Path.of("docs/hooks.md")));
    assertEquals(true, example.find(), "docs/hooks.md has no example");

    JsonNode body =
        HookBody.json(
            HookCalls.before("https://hooks.example/mtls", "5d0c7a52f0b1e6d3c4a9988b77665544"));

    assertEquals(
        new ObjectMapper().readTree(example.group(1)),
        new ObjectMapper().readTree(body.toString()));
  }

  @Test
  void aMeshStepNamesNoNamespace() {
    JsonNode body = HookBody.json(HookCalls.mesh("https://hooks.example/mtls"));

    assertEquals("MESH", body.path("step").asText());
    assertFalse(body.has("namespace"));
    assertEquals("/api/v1/plans/q4/mesh", body.at("/links/step").asText());
    assertEquals("/api/v1/mesh/impact", body.at("/links/impact").asText());
  }

  @Test
  void whatHasHappenedHasNoImpactToLookAt() {
    JsonNode body = HookBody.json(HookCalls.after("https://hooks.example/mtls", "x"));

    assertEquals("AFTER_LOCK", body.path("when").asText());
    assertFalse(body.path("links").has("impact"));
  }
}
