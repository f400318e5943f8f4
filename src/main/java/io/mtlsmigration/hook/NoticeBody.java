// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hook;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.jackson.JsonCloudEventData;
import io.cloudevents.jackson.JsonFormat;
import io.mtlsmigration.notice.Notice;
import io.mtlsmigration.plan.Digest;
import io.mtlsmigration.text.TerminalText;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

/**
 * The body that is sent to a receiver of notices; docs/notices.md is its contract.
 *
 * <p>Messages and owners quote what authors of plans and tenants have written. In chats such text
 * stands only where the format knows no markup ({@code plain_text} of Slack, {@code TextRun} of
 * Adaptive Cards), so that nothing in it calls people together or hides a link.
 *
 * @param id what the call is recognised by when it is repeated
 */
record NoticeBody(String id, String contentType, String text) {

  /** The most notices that a message to people lists; Slack takes 50 blocks, Teams 28 kB. */
  static final int LISTED = 10;

  /** The maximum length of a text in a message to people, in characters. */
  private static final int LONGEST = 400;

  /** The same where it is one of several. */
  private static final int LONGEST_LISTED = 200;

  private static final int LONGEST_OWNER = 80;

  private static final String JSON = "application/json";
  private static final char NO_WIDTH = '\u200B';
  private static final String BRACES = "{" + NO_WIDTH + "{";
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final JsonFormat CLOUD_EVENTS = new JsonFormat();

  /**
   * Returns the body of one message.
   *
   * @param notices at least one; exactly one as CloudEvents
   */
  static NoticeBody of(NoticeFormat format, List<Notice> notices, NoticeLinks links) {
    List<Notice> sorted = notices.stream().sorted(Notice.BY_URGENCY).toList();
    return switch (format) {
      case CLOUDEVENTS -> {
        CloudEvent event = cloudEvent(notices.getFirst(), links);
        String text = new String(CLOUD_EVENTS.serialize(event), StandardCharsets.UTF_8);
        yield new NoticeBody(event.getId(), JsonFormat.CONTENT_TYPE, text);
      }
      case SLACK -> json(sorted, slack(sorted, links));
      case TEAMS -> json(sorted, teams(sorted, links));
    };
  }

  private static NoticeBody json(List<Notice> notices, ObjectNode body) {
    return new NoticeBody(id(notices), JSON, body.toString());
  }

  /** A message of more than was sent before is no repetition of it. */
  private static String id(List<Notice> notices) {
    if (notices.size() == 1) {
      return notices.getFirst().id();
    }
    Digest digest = new Digest();
    notices.forEach(notice -> digest.line(notice.id()));
    return digest.hex();
  }

  private static CloudEvent cloudEvent(Notice notice, NoticeLinks links) {
    String kind = notice.kind().name().toLowerCase(Locale.ROOT).replace('_', '-');
    CloudEventBuilder event =
        CloudEventBuilder.v1()
            .withId(notice.id())
            .withSource(links.source(notice.plan()))
            .withType("io.mtls-migration." + kind + ".v1")
            .withTime(notice.at().truncatedTo(ChronoUnit.MILLIS).atOffset(ZoneOffset.UTC))
            .withData(JSON, JsonCloudEventData.wrap(data(notice, links)));
    if (notice.step() != null) {
      boolean mesh = notice.step().isMesh();
      event.withSubject(mesh ? "mesh" : "namespaces/" + notice.namespace());
    }
    return event.build();
  }

  private static ObjectNode data(Notice notice, NoticeLinks links) {
    ObjectNode data = NODES.objectNode();
    data.put("kind", notice.kind().name());
    data.put("severity", notice.kind().severity().name());
    if (!notice.plan().isEmpty()) {
      data.put("plan", notice.plan());
      data.put("planUid", notice.planUid());
    }
    if (!notice.namespace().isEmpty()) {
      data.put("namespace", notice.namespace());
    }
    if (notice.owner() != null) {
      data.put("owner", notice.owner());
    }
    data.put("reason", notice.reason());
    data.put("title", notice.title());
    data.put("message", notice.message());
    links.to(notice).ifPresent(link -> data.put("link", link));
    return data;
  }

  private static ObjectNode slack(List<Notice> notices, NoticeLinks links) {
    ObjectNode body = NODES.objectNode();
    body.put("text", escaped(summary(notices)));
    body.put("unfurl_links", false);
    ArrayNode blocks = body.putArray("blocks");
    if (notices.size() > 1) {
      text(blocks.addObject().put("type", "header"), "plain_text", summary(notices));
    }
    for (Notice notice : listed(notices)) {
      String lines =
          plain(notice.title()) + "\n" + message(notice, notices.size()) + "\n" + facts(notice);
      text(blocks.addObject().put("type", "section"), "plain_text", escaped(lines));
      links
          .to(notice)
          .ifPresent(link -> link(blocks, "<" + escaped(link) + "|Open in mtls-migration>"));
    }
    if (notices.size() > LISTED) {
      text(blocks.addObject().put("type", "section"), "plain_text", more(notices));
    }
    return body;
  }

  private static void text(ObjectNode block, String type, String text) {
    ObjectNode node = block.putObject("text").put("type", type).put("text", text);
    if (type.equals("plain_text")) {
      node.put("emoji", false);
    } else {
      node.put("verbatim", true);
    }
  }

  private static void link(ArrayNode blocks, String text) {
    text(blocks.addObject().put("type", "section"), "mrkdwn", text);
  }

  /** Slack's three control characters; it turns them back where it shows them. */
  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private static ObjectNode teams(List<Notice> notices, NoticeLinks links) {
    ObjectNode body = NODES.objectNode();
    body.put("type", "message");
    ObjectNode attachment = body.putArray("attachments").addObject();
    attachment.put("contentType", "application/vnd.microsoft.card.adaptive");
    attachment.putNull("contentUrl");
    ObjectNode card = attachment.putObject("content");
    card.put("$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
    card.put("type", "AdaptiveCard");
    card.put("version", "1.4");
    card.put("fallbackText", summary(notices));
    ArrayNode rows = card.putArray("body");
    if (notices.size() > 1) {
      run(rows, summary(notices)).put("weight", "Bolder").put("size", "Medium");
    }
    for (Notice notice : listed(notices)) {
      ObjectNode title = run(rows, plain(notice.title())).put("weight", "Bolder");
      links.to(notice).ifPresent(link -> open(title.putObject("selectAction"), link));
      run(rows, message(notice, notices.size()));
      run(rows, facts(notice)).put("isSubtle", true).put("size", "Small");
    }
    if (notices.size() > LISTED) {
      run(rows, more(notices));
    }
    (notices.size() == 1 ? links.to(notices.getFirst()) : links.toPlans())
        .ifPresent(
            link ->
                open(card.putArray("actions").addObject(), link)
                    .put("title", "Open in mtls-migration"));
    return body;
  }

  /** Adds a line of text without markup, and returns it. */
  private static ObjectNode run(ArrayNode rows, String text) {
    ObjectNode row = rows.addObject().put("type", "RichTextBlock");
    return row.putArray("inlines").addObject().put("type", "TextRun").put("text", text);
  }

  private static ObjectNode open(ObjectNode action, String link) {
    return action.put("type", "Action.OpenUrl").put("url", link);
  }

  private static List<Notice> listed(List<Notice> notices) {
    return notices.subList(0, Math.min(LISTED, notices.size()));
  }

  private static String summary(List<Notice> notices) {
    return notices.size() == 1
        ? plain(notices.getFirst().title())
        : notices.size() + " notices of mtls-migration";
  }

  private static String more(List<Notice> notices) {
    return "and " + (notices.size() - LISTED) + " more";
  }

  private static String message(Notice notice, int notices) {
    return plain(notice.message(), notices == 1 ? LONGEST : LONGEST_LISTED);
  }

  private static String plain(String text) {
    return plain(text, LONGEST);
  }

  private static String facts(Notice notice) {
    String owner = notice.owner() == null ? "" : ", owner " + plain(notice.owner(), LONGEST_OWNER);
    return notice.kind().severity().name().toLowerCase(Locale.ROOT)
        + ", since "
        + notice.at().truncatedTo(ChronoUnit.SECONDS)
        + owner;
  }

  /**
   * Returns a text on one line and of bounded length. A character without width keeps clients from
   * making links of addresses, and cards from evaluating <code>{{DATE(…)}}</code>.
   */
  private static String plain(String text, int longest) {
    String line = TerminalText.line(text).strip();
    int end = Math.min(line.length(), longest);
    boolean splits = end < line.length() && Character.isHighSurrogate(line.charAt(end - 1));
    String cut = end < line.length() ? line.substring(0, splits ? end - 1 : end) + "…" : line;
    String loose = cut.replace("://", ":" + NO_WIDTH + "//");
    // Twice: of three in a row the first time leaves two.
    return loose.replace("{{", BRACES).replace("{{", BRACES);
  }
}
