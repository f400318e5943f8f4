// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What each command answers to wrong bodies: the code, and the pointer and code of each wrong
 * place. Run it with {@code -Dupdate.docs=true} after a line is added, and review the difference.
 */
@QuarkusTest
final class WrongBodiesIT {

  private static final Path GOLDEN = Path.of("src/test/resources/golden/wrong-bodies.txt");

  private static final String PLAN = "/api/v1/plans/wrong-bodies";

  @Test
  void tellsWhatIsWrong() throws IOException {
    Plan.draft("wrong-bodies", "{'target':'MESH','gates':{'soak':'1h'}}");
    Plan.act("wrong-bodies", "start");
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                given().get(PLAN + "/namespaces/foo").statusCode() == 200
                    && given().get(PLAN + "/mesh").statusCode() == 200);

    String golden = Files.readString(GOLDEN);
    String told = String.join("\n", golden.lines().map(WrongBodiesIT::told).toList()) + "\n";

    if (Boolean.getBoolean("update.docs")) {
      Files.writeString(GOLDEN, told);
    }
    assertEquals(Files.readString(GOLDEN), told);
    Plan.end("wrong-bodies");
  }

  private static String told(String line) {
    if (line.startsWith("#")) {
      return line;
    }
    String[] part = line.split(" \\| ", -1);
    String type = part[1].matches("[a-z]+/[a-z]+ .*") ? part[1].split(" ", 2)[0] : "";
    String body = part[1].substring(type.isEmpty() ? 0 : type.length() + 1);
    Response response =
        given()
            .header("Content-Type", type.isEmpty() ? "application/json" : type)
            .body(body.replace('\'', '"').replace("\\n", "\n").getBytes(StandardCharsets.UTF_8))
            .post(part[0].startsWith("/") ? part[0] : PLAN + "/" + part[0]);
    return part[0] + " | " + part[1] + " | " + answer(response);
  }

  private static String answer(Response response) {
    String code = response.statusCode() + " " + response.path("code");
    List<Map<String, String>> errors = response.path("errors");
    return errors == null
        ? code
        : code
            + ": "
            + String.join(
                "; ",
                errors.stream().map(e -> e.get("pointer") + " " + e.get("code")).sorted().toList());
  }
}
