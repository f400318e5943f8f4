// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RetentionTest {

  static Stream<Arguments> times() {
    return Stream.of(
        arguments("15d", Duration.ofDays(15)),
        arguments("1h30m", Duration.ofMinutes(90)),
        arguments("1w2d or 10GiB", Duration.ofDays(9)),
        arguments("1y", Duration.ofDays(365)),
        arguments("90s500ms", Duration.ofMillis(90_500)));
  }

  @ParameterizedTest
  @MethodSource("times")
  void readsATime(String said, Duration expected) {
    assertEquals(Optional.of(expected), Retention.of(said));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "10GiB", "for ever", "15", "d", "99999999999999999999d"})
  void readsNoTimeOutOfAnythingElse(String said) {
    assertEquals(Optional.empty(), Retention.of(said));
  }
}
