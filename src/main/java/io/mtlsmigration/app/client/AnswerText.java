// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sentences with fields of an answer in them. */
final class AnswerText {

  private static final Pattern FIELD = Pattern.compile("\\{([\\w.]+)}");

  private AnswerText() {}

  /**
   * Returns a sentence of this program with the fields that it names in braces, such as {@code
   * {progress.percent} %}; nothing is in the place of one that the answer lacks.
   */
  static String of(JsonNode answer, String sentence) {
    return FIELD
        .matcher(sentence)
        .replaceAll(field -> Matcher.quoteReplacement(text(answer, field.group(1))));
  }

  private static String text(JsonNode answer, String path) {
    JsonNode field = answer;
    for (String name : path.split("\\.")) {
      field = field.path(name);
    }
    return field.asText();
  }
}
