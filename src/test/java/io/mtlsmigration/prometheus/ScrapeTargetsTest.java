// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Which targets a query is about. A matcher that is too narrow would hide that a counter was away.
 */
final class ScrapeTargetsTest {

  private static String matcher(List<String> instances) {
    return ScrapeTargets.of(instances, List.of()).matcher();
  }

  @Test
  void theseAndNoOthersMatch() {
    String matcher = matcher(List.of("10.0.0.1:15020", "[fd00::1]:15020"));
    // PromQL reads the text within double quotes before RE2 does.
    String pattern = matcher.replace("\\\\", "\\");

    assertTrue("10.0.0.1:15020".matches(pattern), pattern);
    assertTrue("[fd00::1]:15020".matches(pattern), pattern);
    assertFalse("10.0.0.11:15020".matches(pattern), pattern);
    assertFalse("10x0.0.1:15020".matches(pattern), pattern);
  }

  @Test
  void noneMatchesNone() {
    assertEquals("", matcher(List.of()));
  }

  @Test
  void manyAreAll() {
    assertEquals(".*", matcher(IntStream.range(0, 2_001).mapToObj(i -> "pod-" + i).toList()));
  }

  @Test
  void oneThatIsNoAddressIsNotWrittenIntoAQuery() {
    assertEquals(".*", matcher(List.of("a\"} or vector(1)")));
    assertEquals(".*", matcher(List.of("a.*")));
  }

  /** As where labels are dropped of what is written elsewhere. */
  @Test
  void whatHasNoInstanceIsAmongAll() {
    assertTrue("".matches(matcher(List.of(""))));
    assertTrue("".matches(matcher(List.of("", "10.0.0.1:15020"))));
    assertTrue("".matches(ScrapeTargets.ALL.matcher()));
  }

  @Test
  void aLongWindowIsLookedAtInFewSteps() {
    assertTrue(
        PromQuery.PLAINTEXT_REQUESTS
            .over(Duration.ofHours(1))
            .contains("[3600s:15s] offset 500ms"));
    assertTrue(
        PromQuery.PLAINTEXT_REQUESTS
            .over(Duration.ofDays(1))
            .contains("[86400s:120s] offset 500ms"));
  }
}
