package io.mtlsmigration.api.input;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mtlsmigration.api.problem.ApiException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.UniqueElements;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PagingTest {

  private static final String SCOPE = "/api/v1/things\nnamespace=foo";

  @Property
  void aWalkShowsEachEntryOnceInOrder(
      @ForAll @UniqueElements List<String> keys, @ForAll @IntRange(min = 1, max = 7) int limit) {
    List<String> walked = new ArrayList<>();
    Paging.Part<String> part = new Paging(limit, SCOPE, null).cut(keys.stream(), key -> key);
    walked.addAll(part.items());
    while (part.next() != null && walked.size() <= keys.size()) {
      String after = Paging.after(part.next(), SCOPE);
      part = new Paging(limit, SCOPE, after).cut(keys.stream(), key -> key);
      walked.addAll(part.items());
    }

    assertEquals(keys.stream().sorted().toList(), walked);
  }

  @Property
  void aWalkThroughEntriesInOrderIsTheSame(
      @ForAll @UniqueElements List<String> keys, @ForAll @IntRange(min = 1, max = 7) int limit) {
    List<String> ordered = keys.stream().sorted().toList();
    String after = null;
    boolean more = true;
    while (more) {
      Paging page = new Paging(limit, SCOPE, after);
      Paging.Part<String> expected = page.cut(keys.stream(), key -> key);

      Paging.Part<String> part = page.cutOrdered(ordered.stream(), key -> key);

      assertEquals(expected, part);
      more = part.next() != null;
      after = more ? Paging.after(part.next(), SCOPE) : null;
    }
  }

  /** An entry with what it is sorted by; few values, so that many are equal. */
  record Entry(String key, @Nullable String value) {}

  @Provide
  Arbitrary<List<Entry>> entries() {
    Arbitrary<String> value = Arbitraries.of("", "1", "2:", "a\u0000b").injectNull(0.2);
    return Combinators.combine(Arbitraries.strings().ofMaxLength(3), value)
        .as(Entry::new)
        .list()
        .uniqueElements(Entry::key);
  }

  @Property
  void aSortedWalkShowsEachEntryOnceAndWhatHasNoValueLast(
      @ForAll("entries") List<Entry> entries,
      @ForAll boolean down,
      @ForAll @IntRange(min = 1, max = 5) int limit) {
    List<Entry> expected = new ArrayList<>(entries);
    expected.sort(Comparator.comparing(Entry::key));
    Comparator<String> values = down ? Comparator.reverseOrder() : Comparator.naturalOrder();
    expected.sort(Comparator.comparing(Entry::value, Comparator.nullsLast(values)));

    List<Entry> walked = new ArrayList<>();
    String after = null;
    boolean more = true;
    while (more && walked.size() <= entries.size()) {
      Paging.Part<Entry> part =
          new Paging(limit, SCOPE, after)
              .cutSorted(entries.stream(), Entry::key, Entry::value, down);
      walked.addAll(part.items());
      more = part.next() != null;
      after = more ? Paging.after(part.next(), SCOPE) : null;
    }

    assertEquals(expected, walked);
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
  void looksNoFurtherThanThePage() {
    List<String> looked = new ArrayList<>();

    new Paging(2, SCOPE, "b")
        .cutOrdered(List.of("a", "b", "c", "d", "e", "f").stream().peek(looked::add), key -> key);

    assertEquals(List.of("a", "b", "c", "d", "e"), looked);
  }

  @Test
  void entriesThatComeAndGoShiftNothing() {
    List<String> before = List.of("a", "b", "c", "d");
    Paging.Part<String> first = new Paging(2, SCOPE, null).cut(before.stream(), key -> key);

    List<String> since = List.of("a1", "b", "c", "d");
    Paging.Part<String> second =
        new Paging(2, SCOPE, Paging.after(first.next(), SCOPE)).cut(since.stream(), key -> key);

    assertEquals(List.of("c", "d"), second.items());
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
