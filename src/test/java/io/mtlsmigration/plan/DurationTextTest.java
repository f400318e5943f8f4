// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DurationTextTest {

  @ParameterizedTest
  @CsvSource({
    "PT15M,    PT15M",
    "15m,      PT15M",
    "24h,      PT24H",
    "30s,      PT30S",
    "1d,       PT24H",
    "1h30m,    PT1H30M",
    "1d12h5s,  PT36H5S",
    "250ms,    PT0.25S",
    "PT0S,     PT0S",
    "0s,       PT0S",
    "-PT5M,    PT-5M",
  })
  void readsIsoAndShortForms(String text, String expected) {
    Optional<Duration> read = DurationText.parse(text);

    assertEquals(Optional.of(Duration.parse(expected)), read);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "15",
        "15 m",
        "m",
        "15M",
        "5m1h",
        "P",
        "1.5h",
        "PT",
        "99999999999999999d"
      })
  void readsNothingElse(String text) {
    Optional<Duration> read = DurationText.parse(text);

    assertEquals(Optional.empty(), read);
  }
}
