// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.cloudevents.CloudEvent;
import io.cloudevents.jackson.JsonFormat;
import io.mtlsmigration.notice.Notice;
import io.mtlsmigration.notice.NoticeKind;
import io.mtlsmigration.notice.Notices;
import io.mtlsmigration.rollout.StepKey;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NoticeBodyTest {

  private static final Path PAGE = Path.of("docs/notices.md");
  private static final Instant NOW = Instant.parse("2026-06-01T09:00:00.123456Z");
  private static final NoticeLinks LINKS =
      new NoticeLinks(URI.create("https://mesh.example/mtls/"));
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final String MESSAGE =
      "legacy/curl was refused 3 times by httpbin.foo:8000; the previous policy is back";

  private static Notice notice(String owner, String message) {
    return Notices.of(NoticeKind.ROLLED_BACK, NOW, "foo", owner, message);
  }

  private static JsonNode body(NoticeFormat format, NoticeLinks links, Notice... notices)
      throws IOException {
    return JSON.readTree(NoticeBody.of(format, List.of(notices), links).text());
  }

  /** The page shows what is sent; {@code -Dupdate.docs=true} writes it. */
  @ParameterizedTest
  @EnumSource(NoticeFormat.class)
  void isAsTheDocumentShows(NoticeFormat format) throws IOException {
    String page = Files.readString(PAGE);
    Matcher example =
        Pattern.compile("(<!-- " + format + ": [^\n]*\n```json\n)(.*?)(```\n)", Pattern.DOTALL)
            .matcher(page);
    assertTrue(example.find(), PAGE + " has no example of " + format);

    String body = JSON.writeValueAsString(body(format, LINKS, notice("team-a", MESSAGE))) + "\n";
    if (Boolean.getBoolean("update.docs")) {
      Files.writeString(
          PAGE, page.substring(0, example.start(2)) + body + page.substring(example.end(2)));
      return;
    }

    assertEquals(body, example.group(2));
  }

  @Test
  void isReadByOthersThatKnowCloudEvents() {
    Notice notice = notice("team-a", MESSAGE);

    CloudEvent event =
        new JsonFormat()
            .deserialize(
                NoticeBody.of(NoticeFormat.CLOUDEVENTS, List.of(notice), LINKS)
                    .text()
                    .getBytes(StandardCharsets.UTF_8));

    assertEquals(notice.id(), event.getId());
    assertEquals("io.mtls-migration.rolled-back.v1", event.getType());
    assertEquals(URI.create("https://mesh.example/mtls/api/v1/plans/q4"), event.getSource());
    assertEquals("namespaces/foo", event.getSubject());
    assertNotNull(event.getTime());
  }

  @Test
  void aPlanAndTheMeshHaveNoNamespace() throws IOException {
    Notice plan = Notices.of(NoticeKind.PLAN_ENDED, NOW, "", null, "");
    Notice mesh = Notices.of(NoticeKind.HELD, NOW, StepKey.MESH.namespace(), null, "");

    JsonNode ended = body(NoticeFormat.CLOUDEVENTS, LINKS, plan);
    JsonNode held = body(NoticeFormat.CLOUDEVENTS, LINKS, mesh);

    assertFalse(ended.has("subject"));
    assertEquals("https://mesh.example/mtls/#/plans/q4", ended.at("/data/link").asText());
    assertEquals("mesh", held.path("subject").asText());
    assertFalse(held.path("data").has("namespace"));
    assertFalse(held.path("data").has("owner"));
    assertEquals("https://mesh.example/mtls/#/plans/q4?step=mesh", held.at("/data/link").asText());
  }

  @ParameterizedTest
  @EnumSource(NoticeFormat.class)
  void hasNoLinkWhereNobodyHasSaidWhereThePageIs(NoticeFormat format) throws IOException {
    JsonNode body = body(format, new NoticeLinks(null), notice("team-a", MESSAGE));

    assertFalse(body.toString().contains("#/plans"), body.toString());
    assertFalse(body.toString().contains("OpenUrl"), body.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<!channel> <!here> <@U012AB3CD> <#C123>",
        "<https://evil.example|Approve>",
        "https://evil.example/approve",
        "[Approve](https://evil.example)",
        "*bold* _it_ ~no~ `code` # head\n- list\n\n```\n",
        "<at>Everybody</at> {{DATE(2026-06-01T09:00:00Z, SHORT)}}",
        "{{{DATE(2026-06-01T09:00:00Z, SHORT)}}} {{{{TIME(2026-06-01T09:00:00Z)}}}}",
        "\u202Eesrever \u0007 \u001B[2J \u2028 next\r\nNamespace bar was rolled back",
        "\uD83D\uDE00\uDE00 &amp; &lt;!channel&gt;"
      })
  void whatTenantsWriteIsNothingButText(String hostile) throws IOException {
    JsonNode slack = body(NoticeFormat.SLACK, LINKS, notice(hostile, hostile));
    JsonNode teams = body(NoticeFormat.TEAMS, LINKS, notice(hostile, hostile));

    // Only our own words and links are where markup counts.
    assertEquals("Namespace foo was rolled back (plan q4)", slack.path("text").asText());
    for (JsonNode block : slack.path("blocks")) {
      String text = block.at("/text/text").asText();
      if (block.at("/text/type").asText().equals("mrkdwn")) {
        assertEquals(
            "<https://mesh.example/mtls/#/plans/q4?step=foo|Open in mtls-migration>", text);
      } else {
        assertFalse(text.contains("<") || text.contains(">"), text);
        assertEquals(3, text.split("\n", -1).length, text);
        assertFalse(text.contains("://"), text);
      }
    }
    for (JsonNode text : teams.findValues("text")) {
      assertFalse(text.asText().contains("\n"), text.asText());
      assertFalse(text.asText().contains("{{") || text.asText().contains("://"), text.asText());
      assertFalse(text.asText().chars().anyMatch(c -> c < ' '), text.asText());
    }
    assertEquals(List.of(), textBlocks(teams), "TextBlock knows Markdown");
  }

  private static List<String> textBlocks(JsonNode card) {
    List<String> found = new ArrayList<>();
    card.findValuesAsText("type").stream().filter("TextBlock"::equals).forEach(found::add);
    card.findValuesAsText("type").stream().filter("FactSet"::equals).forEach(found::add);
    return found;
  }

  /** Whoever took the first two may drop what is a repetition, and nothing else. */
  @ParameterizedTest
  @EnumSource(
      value = NoticeFormat.class,
      names = {"SLACK", "TEAMS"})
  void oneMessageOfSeveralIsKnownByAllOfThem(NoticeFormat format) {
    Notice first = Notices.rolledBack(NOW, "foo");
    Notice second = Notices.rolledBack(NOW.plusSeconds(1), "bar");
    Notice later = Notices.rolledBack(NOW.plusSeconds(2), "baz");

    String alone = NoticeBody.of(format, List.of(first), LINKS).id();
    String two = NoticeBody.of(format, List.of(first, second), LINKS).id();
    String three = NoticeBody.of(format, List.of(first, second, later), LINKS).id();

    assertEquals(first.id(), alone);
    assertEquals(two, NoticeBody.of(format, List.of(second, first), LINKS).id());
    assertEquals(3, Stream.of(alone, two, three).distinct().count(), "another is another");
  }

  @ParameterizedTest
  @EnumSource(
      value = NoticeFormat.class,
      names = {"SLACK", "TEAMS"})
  void longTextIsCutAndTheMostUrgentComesFirst(NoticeFormat format) throws IOException {
    String longest = "x\uD83D\uDE00\u8A9E".repeat(2000);
    List<Notice> many = new ArrayList<>();
    IntStream.range(0, 60).forEach(i -> many.add(Notices.rolledBack(NOW, "ns-" + i)));
    IntStream.range(0, 30)
        .forEach(
            i ->
                many.add(
                    Notices.of(NoticeKind.DRIFTED, NOW.plusSeconds(i), "late", longest, longest)));

    String body = NoticeBody.of(format, many, LINKS).text();

    int bytes = body.getBytes(StandardCharsets.UTF_8).length;
    JsonNode tree = JSON.readTree(body);
    assertTrue(bytes < 28_000, () -> "Teams takes 28 kB, not " + bytes);
    assertTrue(body.contains("and 80 more"));
    assertFalse(body.contains("ns-0"), "what is critical comes first");
    assertFalse(body.contains("\uFFFD"), "half a character");
    if (format == NoticeFormat.SLACK) {
      assertTrue(tree.path("blocks").size() <= 50);
      tree.path("blocks").forEach(b -> assertTrue(b.at("/text/text").asText().length() <= 3000));
    }
  }
}
