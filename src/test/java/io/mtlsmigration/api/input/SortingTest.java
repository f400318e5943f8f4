// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.input;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.mtlsmigration.api.view.NamespaceSort;
import io.mtlsmigration.testing.Draw;
import io.mtlsmigration.testing.Seeds;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SortingTest {

  @Test
  void numbersSortAsNumbers() {
    Seeds.each(
        1_000,
        draw -> {
          long one = draw.size();
          long other = draw.percent(10) ? one : draw.size();

          assertEquals(
              Long.signum(Long.compare(one, other)),
              Integer.signum(Sorting.number(one).compareTo(Sorting.number(other))),
              () -> one + " and " + other);
        });
  }

  @Test
  void instantsSortAsInstants() {
    Seeds.each(
        1_000,
        draw -> {
          Instant one = instant(draw);
          Instant other = draw.coin() ? one.plusNanos(draw.between(-2, 2)) : instant(draw);

          assertEquals(
              Integer.signum(one.compareTo(other)),
              Integer.signum(Sorting.instant(one).compareTo(Sorting.instant(other))),
              () -> one + " and " + other);
        });
  }

  /** After 1970: two hundred years, by nanoseconds. */
  private static Instant instant(Draw draw) {
    return Instant.ofEpochSecond(draw.between(1, 5_000_000_000L), draw.size() % 1_000_000_000);
  }

  @Test
  void whatIsNotInTheOrderHasNoPlace() {
    assertNull(Sorting.place("c", List.of("a", "b")));
    assertNull(Sorting.place(null, List.of("a", "b")));
  }

  @Test
  void readsFieldsAsAnswersNameThem() {
    assertEquals(
        new Sorting<>(NamespaceSort.PLAINTEXT_CLIENTS, true),
        Sorting.parse("-plaintextClients", NamespaceSort.class).orElseThrow());
  }
}
