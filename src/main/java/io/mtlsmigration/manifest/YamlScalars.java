// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Resolves unquoted YAML scalars by the rules of the YAML library behind kubectl and the API server
 * ({@code go.yaml.in/yaml/v2}, resolve.go). It knows YAML 1.1's booleans ({@code on}, {@code no},
 * {@code y}), so that a label {@code team: no} is wrong here as it is there, and it leaves
 * timestamps strings.
 */
final class YamlScalars {

  private static final Set<String> TRUE =
      Set.of("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON");
  private static final Set<String> FALSE =
      Set.of("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF");
  private static final Set<String> NULL = Set.of("", "~", "null", "Null", "NULL");
  private static final Set<String> NOT_FINITE =
      Set.of(
          ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf",
          "-.Inf", "-.INF");

  private static final Pattern INTEGER =
      Pattern.compile("([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))");
  private static final Pattern FLOAT =
      Pattern.compile("[-+]?(?:\\.[0-9]+|[0-9]+(?:\\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?");

  /** The longest number parsed: no 64-bit number, and no relevant double, is longer. */
  private static final int MAX_NUMBER = 100;

  private static final BigInteger MAX_UNSIGNED = BigInteger.ONE.shiftLeft(64);

  private YamlScalars() {}

  /** Returns the value of a plain scalar; null when it is a number that JSON cannot represent. */
  static @Nullable JsonNode resolve(String text) {
    if (NULL.contains(text)) {
      return NullNode.getInstance();
    }
    if (TRUE.contains(text)) {
      return BooleanNode.TRUE;
    }
    if (FALSE.contains(text)) {
      return BooleanNode.FALSE;
    }
    if (NOT_FINITE.contains(text)) {
      return null;
    }
    JsonNode number = mayBeNumber(text) ? number(text.replace("_", "")) : null;
    return number == null ? JsonNodeFactory.instance.textNode(text) : number;
  }

  /** Returns whether the text stays a string without quotes. */
  static boolean isText(String text) {
    JsonNode value = resolve(text);
    return value != null && value.isTextual();
  }

  private static boolean mayBeNumber(String text) {
    if (text.length() > MAX_NUMBER) {
      return false;
    }
    char first = text.charAt(0);
    return (first >= '0' && first <= '9') || first == '-' || first == '+' || first == '.';
  }

  private static @Nullable JsonNode number(String digits) {
    var integer = INTEGER.matcher(digits);
    if (integer.matches()) {
      BigInteger value =
          magnitude(integer.group(2), integer.group(3), integer.group(4), integer.group(5));
      return integerNode(integer.group(1).equals("-") ? value.negate() : value);
    }
    if (FLOAT.matcher(digits).matches()) {
      double value = Double.parseDouble(digits.toLowerCase(Locale.ROOT));
      // Beyond a double's range Go's strconv fails, and the text stays a string.
      return Double.isInfinite(value) ? null : JsonNodeFactory.instance.numberNode(value);
    }
    return null;
  }

  private static BigInteger magnitude(
      @Nullable String hex,
      @Nullable String binary,
      @Nullable String octal,
      @Nullable String decimal) {
    if (hex != null) {
      return new BigInteger(hex, 16);
    }
    if (binary != null) {
      return new BigInteger(binary, 2);
    }
    return octal != null
        ? new BigInteger(octal, 8)
        : new BigInteger(decimal == null ? "0" : decimal);
  }

  private static JsonNode integerNode(BigInteger value) {
    if (value.bitLength() < 32) {
      return JsonNodeFactory.instance.numberNode(value.intValue());
    }
    if (value.bitLength() < 64) {
      return JsonNodeFactory.instance.numberNode(value.longValue());
    }
    return value.signum() > 0 && value.compareTo(MAX_UNSIGNED) < 0
        ? JsonNodeFactory.instance.numberNode(value)
        : JsonNodeFactory.instance.numberNode(value.doubleValue());
  }
}
