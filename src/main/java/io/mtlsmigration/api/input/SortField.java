// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.input;

import java.util.Arrays;
import java.util.Locale;

/**
 * A field that a list may be sorted by: an enum constant named like the field of the answer, {@code
 * PLAINTEXT_CLIENTS} for {@code plaintextClients}. The enum is the type of the parameter {@code
 * sort}; the OpenAPI document takes its values from it.
 */
public interface SortField {

  /** Returns the name of the constant, as every enum does. */
  String name();

  /** Returns the name of the field in answers. */
  default String field() {
    return field(name());
  }

  /** Returns the name of the field that a constant stands for. */
  static String field(String constant) {
    String[] words = constant.toLowerCase(Locale.ROOT).split("_", -1);
    StringBuilder field = new StringBuilder(words[0]);
    for (String word : Arrays.asList(words).subList(1, words.length)) {
      field.append(Character.toUpperCase(word.charAt(0))).append(word, 1, word.length());
    }
    return field.toString();
  }
}
