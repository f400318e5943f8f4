package io.mtlsmigration.api.input;

import java.util.Arrays;
import java.util.Locale;

/**
 * A field that a list may be sorted by: the constants of an enum, each named like the field of the
 * answer, {@code PLAINTEXT_CLIENTS} for {@code plaintextClients}. The enum is the type of the
 * parameter {@code sort}; the OpenAPI document gets its values from it.
 */
public interface SortField {

  /** Name of the constant, as every enum has it. */
  String name();

  /** Name of the field, as it stands in answers. */
  default String field() {
    return field(name());
  }

  /** Name of the field that a constant stands for. */
  static String field(String constant) {
    String[] words = constant.toLowerCase(Locale.ROOT).split("_", -1);
    StringBuilder field = new StringBuilder(words[0]);
    for (String word : Arrays.asList(words).subList(1, words.length)) {
      field.append(Character.toUpperCase(word.charAt(0))).append(word, 1, word.length());
    }
    return field.toString();
  }
}
