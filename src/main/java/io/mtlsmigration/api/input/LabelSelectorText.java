// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.input;

import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.LabelSelector.Operator;
import io.mtlsmigration.mesh.LabelSelector.Requirement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of a label selector as {@code kubectl get --selector} takes it: requirements that must
 * all hold, with commas between them ({@code k8s.io/apimachinery/pkg/labels.Parse}, without its
 * {@code >} and {@code <}).
 */
final class LabelSelectorText {

  static final String EXPECTED =
      "a label selector such as team=a,env!=prod,tier in (web,db),owner,!legacy";

  private static final String KEY = "([-.\\w]{1,253}/)?[a-zA-Z0-9][-.\\w]{0,62}";
  private static final String VALUE = "[-.\\w]{0,63}";

  private static final Pattern BETWEEN = Pattern.compile(",(?![^(]*\\))");

  private static final Pattern ABSENT = Pattern.compile("!\\s*(?<key>" + KEY + ")");
  private static final Pattern PRESENT = Pattern.compile("(?<key>" + KEY + ")");

  private static final Pattern EQUALITY =
      Pattern.compile("(?<key>" + KEY + ")\\s*(?<operator>==?|!=)\\s*(?<values>" + VALUE + ")");

  private static final Pattern SET =
      Pattern.compile(
          "(?<key>%s)\\s+(?<operator>in|notin)\\s*\\((?<values>\\s*%s\\s*(,\\s*%s\\s*)*)\\)"
              .formatted(KEY, VALUE, VALUE));

  private LabelSelectorText() {}

  /** Returns empty for a text that is no selector; the empty text selects everything. */
  static Optional<LabelSelector> parse(String text) {
    if (text.isBlank()) {
      return Optional.of(LabelSelector.EVERYTHING);
    }
    List<Requirement> requirements = new ArrayList<>();
    for (String part : BETWEEN.split(text, -1)) {
      Optional<Requirement> requirement = requirement(part.strip());
      if (requirement.isEmpty()) {
        return Optional.empty();
      }
      requirements.add(requirement.get());
    }
    return Optional.of(new LabelSelector(Map.of(), requirements));
  }

  private static Optional<Requirement> requirement(String text) {
    for (Pattern form : List.of(EQUALITY, SET)) {
      Matcher compared = form.matcher(text);
      if (compared.matches()) {
        boolean not = compared.group("operator").matches("!=|notin");
        List<String> values =
            Arrays.stream(compared.group("values").split(",", -1)).map(String::strip).toList();
        return Optional.of(
            new Requirement(compared.group("key"), not ? Operator.NOT_IN : Operator.IN, values));
      }
    }
    Matcher present = PRESENT.matcher(text);
    if (present.matches()) {
      return Optional.of(new Requirement(present.group("key"), Operator.EXISTS, List.of()));
    }
    Matcher absent = ABSENT.matcher(text);
    return absent.matches()
        ? Optional.of(new Requirement(absent.group("key"), Operator.DOES_NOT_EXIST, List.of()))
        : Optional.empty();
  }
}
