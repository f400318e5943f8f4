// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import io.mtlsmigration.manifest.Manifest;
import io.mtlsmigration.manifest.ManifestProblem;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * A part of a manifest, read field by field. Wrong fields are recorded with their pointer, and
 * reading goes on, so that all problems are reported at once.
 */
final class Part {
  private final Manifest manifest;
  private final JsonNode node;
  private final String pointer;
  private final List<ManifestProblem> problems;

  private Part(Manifest manifest, JsonNode node, String pointer, List<ManifestProblem> problems) {
    this.manifest = manifest;
    this.node = node;
    this.pointer = pointer;
    this.problems = problems;
  }

  /** Returns the whole manifest; problems are added to {@code problems}. */
  static Part of(Manifest manifest, List<ManifestProblem> problems) {
    return new Part(manifest, manifest.tree(), "", problems);
  }

  Manifest manifest() {
    return manifest;
  }

  JsonNode tree() {
    return node;
  }

  String pointer() {
    return pointer;
  }

  boolean has(String field) {
    return node.hasNonNull(field);
  }

  /**
   * Records a problem of a field, or of what lies at a pointer from here; of this part when empty.
   */
  void problem(String field, String message) {
    String below = field.isEmpty() || field.startsWith("/") ? field : "/" + field;
    problems.add(
        new ManifestProblem(
            manifest.source(), manifest.document(), manifest.line(), 0, pointer + below, message));
  }

  void only(String... fields) {
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (!List.of(fields).contains(entry.getKey())) {
        problem(entry.getKey(), "is not a field here; there are " + List.of(fields));
      }
    }
  }

  boolean required(String field) {
    if (!has(field)) {
      problem(field, "is required");
    }
    return has(field);
  }

  /** Returns an object; empty, with a recorded problem, when there is none. */
  Part child(String field) {
    JsonNode child = node.path(field);
    if (!child.isObject()) {
      problem(field, "must be an object");
    }
    return new Part(manifest, child, pointer + "/" + field, problems);
  }

  void each(String field, Consumer<Part> use) {
    JsonNode list = node.path(field);
    if (list.isMissingNode() || list.isNull()) {
      return;
    }
    if (!list.isArray()) {
      problem(field, "must be a list");
      return;
    }
    int i = 0;
    for (JsonNode element : list) {
      Part item = new Part(manifest, element, pointer + "/" + field + "/" + i++, problems);
      if (element.isObject()) {
        use.accept(item);
      } else {
        item.problem("", "must be an object");
      }
    }
  }

  Optional<String> text(String field) {
    if (!required(field)) {
      return Optional.empty();
    }
    if (!node.path(field).isTextual()) {
      problem(field, "must be a string");
      return Optional.empty();
    }
    return Optional.of(node.path(field).textValue());
  }

  Optional<String> matching(String field, Pattern pattern, String form) {
    Optional<String> text = text(field);
    if (text.isPresent() && !pattern.matcher(text.get()).matches()) {
      problem(field, "'" + text.get() + "' is not " + form);
      return Optional.empty();
    }
    return text;
  }

  double number(String field, double absent, int most) {
    if (!has(field)) {
      return absent;
    }
    JsonNode value = node.path(field);
    if (!value.isNumber() || value.doubleValue() <= 0 || value.doubleValue() > most) {
      problem(field, "must be a number above 0 and up to " + most);
      return absent;
    }
    return value.doubleValue();
  }

  Optional<Duration> duration(String field) {
    if (!has(field)) {
      return Optional.empty();
    }
    Optional<Duration> duration = Durations.parse(node.path(field).asText());
    if (duration.isEmpty()) {
      problem(field, "'" + node.path(field).asText() + "' is no duration such as PT40S or 40s");
    }
    return duration;
  }

  <E extends Enum<E>> Optional<E> constant(String field, E[] constants) {
    Optional<String> text = text(field);
    for (E constant : constants) {
      if (text.isPresent() && constant.name().equals(text.get())) {
        return Optional.of(constant);
      }
    }
    text.ifPresent(t -> problem(field, "'" + t + "' is none of " + List.of(constants)));
    return Optional.empty();
  }
}
