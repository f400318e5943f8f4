package io.mtlsmigration.api.input;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.UniqueElements;
import org.junit.jupiter.api.Test;

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
