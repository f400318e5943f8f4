// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The expected values are those of {@code sigs.k8s.io/yaml}, which kubectl reads manifests with.
 */
final class YamlScalarsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          true                 | true
          True                 | true
          yes                  | true
          on                   | true
          y                    | true
          false                | false
          NO                   | false
          Off                  | false
          n                    | false
          tRue                 | "tRue"
          ~                    | null
          Null                 | null
          ``                   | null
          nULL                 | "nULL"
          0                    | 0
          8080                 | 8080
          -1                   | -1
          +5                   | 5
          0x1F90               | 8080
          0o17                 | 15
          017                  | 15
          0b101                | 5
          1_000                | 1000
          08                   | 8.0
          9223372036854775807  | 9223372036854775807
          18446744073709551615 | 18446744073709551615
          18446744073709551616 | 1.8446744073709552E19
          1.5                  | 1.5
          .5                   | 0.5
          1e3                  | 1000.0
          -1.5E-3              | -0.0015
          1.2.3                | "1.2.3"
          10.0.0.1             | "10.0.0.1"
          1s                   | "1s"
          12:30                | "12:30"
          2026-11-25           | "2026-11-25"
          2026-11-25T12:00:00Z | "2026-11-25T12:00:00Z"
          -                    | "-"
          .                    | "."
          +                    | "+"
          1e999                | "1e999"
          STRICT               | "STRICT"
          """)
  void resolvesAsKubernetesDoes(String text, String json) {
    String resolved = Objects.requireNonNull(YamlScalars.resolve(text)).toString();

    assertEquals(json, resolved);
  }

  @ParameterizedTest
  @ValueSource(strings = {".nan", ".inf", "-.Inf", "+.INF"})
  void hasNoJsonForWhatIsNotFinite(String text) {
    assertNull(YamlScalars.resolve(text));
  }
}
