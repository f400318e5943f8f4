package io.mtlsmigration.api.input;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.mtlsmigration.api.view.NamespaceSort;
import java.time.Instant;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

final class SortingTest {

  @Property
  void numbersSortAsNumbers(
      @ForAll @LongRange(max = Long.MAX_VALUE) long one,
      @ForAll @LongRange(max = Long.MAX_VALUE) long other) {
    assertEquals(
        Long.signum(Long.compare(one, other)),
        Integer.signum(Sorting.number(one).compareTo(Sorting.number(other))));
  }

  @Property
  void instantsSortAsInstants(
      @ForAll @LongRange(max = 5_000_000_000L) long one,
      @ForAll @LongRange(max = 5_000_000_000L) long other) {
    Instant first = Instant.ofEpochSecond(one / 3, one);
    Instant second = Instant.ofEpochSecond(other / 3, other);

    assertEquals(
        Integer.signum(first.compareTo(second)),
        Integer.signum(Sorting.instant(first).compareTo(Sorting.instant(second))));
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
