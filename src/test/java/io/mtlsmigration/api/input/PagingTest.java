// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.input;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.testing.Draw;
import io.mtlsmigration.testing.Seeds;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PagingTest {

  private static final String SCOPE = "/api/v1/things\nnamespace=foo";

  @Test
  void aWalkShowsEachEntryOnceInOrder() {
    Seeds.each(
        1_000,
        draw -> {
          List<String> keys = keys(draw);
          int limit = draw.between(1, 7);

          List<String> walked = walk(keys.size(), limit, page -> page.cut(keys.stream(), k -> k));

          assertEquals(keys.stream().sorted().toList(), walked);
        });
  }

  @Test
  void aWalkThroughEntriesInOrderIsTheSame() {
    Seeds.each(
        1_000,
        draw -> {
          List<String> keys = keys(draw);
          List<String> ordered = keys.stream().sorted().toList();

          walk(
              keys.size(),
              draw.between(1, 7),
              page -> {
                Paging.Part<String> expected = page.cut(keys.stream(), k -> k);

                Paging.Part<String> part = page.cutOrdered(ordered.stream(), k -> k);

                assertEquals(expected, part);
                return part;
              });
        });
  }

  /** An entry with what it is sorted by; few values, so that many are equal. */
  record Entry(String key, @Nullable String value) {}

  @Test
  void aSortedWalkShowsEachEntryOnceAndWhatHasNoValueLast() {
    Seeds.each(
        1_000,
        draw -> {
          List<Entry> entries =
              keys(draw).stream()
                  .map(k -> new Entry(k, draw.of("", "1", "2:", "a\u0000b", null)))
                  .toList();
          boolean down = draw.coin();
          List<Entry> expected = new ArrayList<>(entries);
          expected.sort(Comparator.comparing(Entry::key));
          Comparator<String> values = down ? Comparator.reverseOrder() : Comparator.naturalOrder();
          expected.sort(Comparator.comparing(Entry::value, Comparator.nullsLast(values)));

          List<Entry> walked =
              walk(
                  entries.size(),
                  draw.between(1, 5),
                  page -> page.cutSorted(entries.stream(), Entry::key, Entry::value, down));

          assertEquals(expected, walked);
        });
  }

  private static List<String> keys(Draw draw) {
    return draw.list(0, 30, () -> draw.text(3)).stream().distinct().toList();
  }

  /** Page after page to the end, by the token of each; ends though there is always a next one. */
  private static <T> List<T> walk(int size, int limit, Function<Paging, Paging.Part<T>> cut) {
    List<T> walked = new ArrayList<>();
    String after = null;
    do {
      Paging.Part<T> part = cut.apply(new Paging(limit, SCOPE, after));
      walked.addAll(part.items());
      assertEquals(size - walked.size(), part.remaining());
      after = part.next() == null ? null : Paging.after(part.next(), SCOPE);
    } while (after != null && walked.size() <= size);
    return walked;
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "key", ":", "7:short", "-1:x", "99999999999:x"})
  void aMadeUpPlaceIsAWrongParameter(String after) {
    Paging paging = new Paging(2, SCOPE, after);

    ApiException refused =
        assertThrows(
            ApiException.class,
            () -> paging.cutSorted(Stream.of("a", "b"), key -> key, key -> key, false));

    assertEquals("continue", refused.errors().getFirst().parameter());
  }

  @Test
  void entriesThatComeAndGoShiftNothing() {
    List<String> before = List.of("a", "b", "c", "d");
    Paging.Part<String> first = new Paging(2, SCOPE, null).cut(before.stream(), key -> key);

    List<String> since = List.of("a1", "b", "c", "d");
    Paging.Part<String> second =
        new Paging(2, SCOPE, Paging.after(first.next(), SCOPE)).cut(since.stream(), key -> key);

    assertEquals(List.of("c", "d"), second.items());
    assertEquals(0, second.remaining());
  }

  @Test
  void hasNoNextPartAtTheVeryEnd() {
    Paging.Part<Integer> part =
        new Paging(3, SCOPE, null).cut(IntStream.range(0, 3).boxed(), i -> "" + i);

    assertNull(part.next());
  }

  @Test
  void aTokenOfAnotherListIsNone() {
    String token = new Paging(1, SCOPE, null).cut(List.of("a", "b").stream(), k -> k).next();

    assertNull(Paging.after(token, "/api/v1/things\nnamespace=bar"));
  }

  @Test
  void whatIsNoTokenIsNone() {
    assertNull(Paging.after("§", SCOPE));
  }
}
