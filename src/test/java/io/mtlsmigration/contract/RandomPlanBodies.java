// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mtlsmigration.testing.Draw;
import java.math.BigDecimal;
import java.util.function.Supplier;

/** Bodies of plans, most of them with something wrong somewhere. */
final class RandomPlanBodies {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Draw draw;
  private final int wrong;

  RandomPlanBodies(Draw draw) {
    this.draw = draw;
    this.wrong = draw.of(0, 1, 5, 30);
  }

  private record Field(String name, Supplier<JsonNode> value) {}

  private static Field field(String name, Supplier<JsonNode> value) {
    return new Field(name, value);
  }

  JsonNode body() {
    return object(
        field("name", () -> text("q4", "all", "Q4", "a-")),
        field("target", () -> text("MESH", "NAMESPACES", "mesh")),
        field("scope", this::scope),
        field("waves", () -> array(this::wave)),
        field("gates", this::gates),
        field("verification", this::verification),
        field("onFailure", () -> text("HOLD", "ROLLBACK", "STOP")),
        field("apply", () -> text("DIRECT", "MANIFEST", "")),
        field("adopt", this::flag),
        field("exceptions", () -> array(this::exception)));
  }

  private JsonNode scope() {
    return object(
        field("namespaces", () -> array(this::namespace)), field("selector", this::selector));
  }

  private JsonNode wave() {
    return object(
        field("name", () -> text("w", "first")),
        field("namespaces", () -> array(this::namespace)),
        field("selector", this::selector));
  }

  private JsonNode namespace() {
    return text("foo", "bar");
  }

  private JsonNode selector() {
    return object(
        field("matchLabels", this::labels),
        field("matchExpressions", () -> array(this::expression)));
  }

  private JsonNode labels() {
    ObjectNode labels = JSON.objectNode();
    for (int i = draw.below(3); i > 0; i--) {
      labels.set(draw.of("app", "a/b", "c~d", "team"), any(text("x", "")));
    }
    return labels;
  }

  private JsonNode expression() {
    return object(
        field("key", () -> text("app", "team")),
        field("operator", () -> text("In", "NotIn", "Exists", "DoesNotExist", "IN")),
        field("values", () -> array(() -> text("a", "b"))));
  }

  private JsonNode gates() {
    return object(
        field("plaintextWindow", this::duration),
        field("noSamples", () -> text("HOLD", "PASS", "FAIL")),
        field("soak", this::duration),
        field("probes", this::flag),
        field("audit", this::duration),
        field("approval", () -> text("NONE", "WAVE", "NAMESPACE", "ALL")),
        field("changeWindows", () -> array(() -> text("Mon-Fri 09:00-16:00 UTC", "always"))),
        field("hooks", () -> array(this::hook)));
  }

  private JsonNode hook() {
    return object(
        field("url", () -> text("https://h.example/x", "HTTP://h", "file:///x", "x")),
        field("when", () -> text("BEFORE_LOCK", "AFTER_LOCK", "AFTER_ROLLBACK", "NOW")));
  }

  private JsonNode verification() {
    return object(
        field("duration", this::duration),
        field("maxRefusals", () -> number("0", "7", "-1", "1.0", "2147483648")),
        field("maxClientFailureRatio", () -> number("0", "1", "0.001", "1.5", "-1")),
        field("ignoreClients", () -> array(this::ignored)));
  }

  private JsonNode ignored() {
    Field cidr = field("cidr", () -> text("10.0.9.0/24", "2001:db8::/32", "10.0.9.0", "x"));
    Field workload = field("workload", () -> text("legacy/curl", "legacy/*", "curl", "a/b/c"));
    return wrong > 0 ? object(cidr, workload) : object(draw.of(cidr, workload));
  }

  private JsonNode exception() {
    return object(
        field("namespace", this::namespace),
        field("selector", this::podSelector),
        field("port", () -> number("1", "65535", "0", "65536", "80.5")),
        field("owner", () -> text("team-a")),
        field("reason", () -> text("scrape")),
        field("expires", () -> text("2027-03-01", "2027-02-30", "1.3.2027", "today")),
        field("plaintextPaths", () -> array(() -> text("/metrics", "/"))));
  }

  private JsonNode podSelector() {
    return wrong > 0 ? selector() : object(field("matchLabels", this::labels));
  }

  private JsonNode duration() {
    return text("PT24H", "15m", "1h30m", "1d", "PT0.5S", "soon", "P", "");
  }

  private JsonNode flag() {
    return any(JSON.booleanNode(draw.coin()));
  }

  /** The first choices more often than the last. */
  private JsonNode text(String... choices) {
    int last = wrong == 0 ? 1 : choices.length;
    return any(
        draw.below(100) < wrong
            ? JSON.textNode(draw.of("", " "))
            : JSON.textNode(choices[draw.below(last)]));
  }

  private JsonNode number(String... choices) {
    int last = wrong == 0 ? 1 : choices.length;
    BigDecimal number = new BigDecimal(choices[draw.below(last)]);
    return any(
        number.scale() == 0 ? JSON.numberNode(number.toBigInteger()) : JSON.numberNode(number));
  }

  private JsonNode array(Supplier<JsonNode> element) {
    ArrayNode array = JSON.arrayNode();
    draw.list(wrong > 0 ? 0 : 1, 3, element).forEach(array::add);
    return any(array);
  }

  /** Some of the fields; all, where nothing is to be wrong. */
  private JsonNode object(Field... fields) {
    ObjectNode object = JSON.objectNode();
    for (Field field : fields) {
      if (draw.percent(wrong == 0 ? 100 : 70)) {
        object.set(field.name(), field.value().get());
      }
    }
    if (draw.percent(wrong)) {
      object.set(draw.of("x", "a/b~", "Name"), any(JSON.nullNode()));
    }
    return any(object);
  }

  private JsonNode any(JsonNode right) {
    return draw.percent(wrong)
        ? draw.of(
            JSON.nullNode(),
            JSON.numberNode(7),
            JSON.booleanNode(true),
            JSON.textNode("text"),
            JSON.arrayNode(),
            JSON.objectNode())
        : right;
  }
}
