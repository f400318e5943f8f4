// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.input;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.mesh.LabelSelector;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** As Kubernetes' {@code pkg/labels/selector_test.go} has them. */
final class LabelSelectorTextTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "                   | x=y     | true",
        "x=y                | x=y     | true",
        "x=y                | x=z     | false",
        "x==y               | x=y     | true",
        "x=                 | x=      | true",
        "x=                 | x=z     | false",
        "x=y,z=w            | x=y;z=w | true",
        "x=y,z=w            | x=y     | false",
        "x!=y,z!=w          | x=z;z=a | true",
        "x!=y               | z=w     | true",
        "x!=y               | x=y     | false",
        "x                  | x=      | true",
        "x                  | z=w     | false",
        "!x                 | z=w     | true",
        "! x                | x=y     | false",
        "x in (y,z)         | x=z     | true",
        "x in (y,z)         | x=w     | false",
        "x in (y,z)         | z=w     | false",
        "x in ()            | x=      | true",
        "x notin (y,z)      | z=w     | true",
        "x notin (y,z)      | x=z     | false",
        "x in ( y , z ),!w  | x=z     | true",
        "example.com/x=a_b  | example.com/x=a_b | true",
        "inn in (in)        | inn=in  | true",
      })
  void selectsAsKubectlDoes(String text, String labels, boolean selected) {
    Map<String, String> present =
        Stream.of(labels.split(";"))
            .map(label -> label.split("=", 2))
            .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));

    Optional<LabelSelector> selector = LabelSelectorText.parse(text == null ? "" : text);

    assertEquals(Optional.of(selected), selector.map(one -> one.matches(present)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x=a||y=b",
        "x==a==b",
        "!x=a",
        "x<a",
        ",x",
        "x,",
        "x in",
        "x in y,z",
        "x in (y",
        "x notin y)",
        "x in (y),,z",
        "x y",
        "=y",
        "x=y z",
        "x/y/z=a",
        "xin(y)",
        "{\"matchLabels\":{}}"
      })
  void knowsWhatIsNoSelector(String text) {
    assertEquals(Optional.empty(), LabelSelectorText.parse(text));
  }
}
