// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.input;

import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.plan.Digest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The requested part of a list. A token names the last key seen, not a position, so a walk misses
 * and repeats nothing while other entries come and go.
 *
 * @param scope path, filters and sort, to which tokens are bound
 * @param after key of the last entry of the page before, after its value in a sorted list; null for
 *     the first page
 */
public record Paging(int limit, String scope, @Nullable String after) {

  /** Name of the parameter. */
  static final String TOKEN = "continue";

  static final String EXPECTED =
      "Expected is the token of the page before, with the same path, filters and sort";

  /**
   * A part of a list.
   *
   * @param next the token of the following part; null at the end
   * @param remaining number of entries after this part; 0 at the end
   */
  public record Part<T>(List<T> items, @Nullable String next, int remaining) {
    public Part {
      items = List.copyOf(items);
    }

    /** Returns the part with each entry mapped; only these entries are mapped. */
    public <R> Part<R> map(Function<? super T, R> view) {
      return new Part<>(items.stream().<R>map(view).toList(), next, remaining);
    }

    /** Returns a part with a following one, when that many more entries follow. */
    public Part<T> followedBy(int further) {
      return new Part<>(items, next, remaining + further);
    }
  }

  /** Returns the part of entries with unique keys, in the order of the keys. */
  public <T> Part<T> cut(Stream<T> entries, Function<? super T, String> key) {
    List<Keyed<T>> sorted =
        entries
            .map(entry -> new Keyed<T>(key.apply(entry), entry))
            .filter(keyed -> isAhead(keyed.key))
            .sorted(Comparator.comparing(Keyed::key))
            .toList();
    return first(sorted, Keyed::key).map(Keyed::entry);
  }

  /** Returns the part of entries that come in the order of their unique keys. */
  public <T> Part<T> cutOrdered(Stream<T> ordered, Function<? super T, String> key) {
    return first(ordered.filter(entry -> isAhead(key.apply(entry))).toList(), key);
  }

  /**
   * Returns the first of the entries that are ahead.
   *
   * @param place the text that a token keeps of an entry
   */
  private <T> Part<T> first(List<T> ahead, Function<? super T, String> place) {
    return ahead.size() <= limit
        ? new Part<>(ahead, null, 0)
        : new Part<>(
            ahead.subList(0, limit),
            token(place.apply(ahead.get(limit - 1))),
            ahead.size() - limit);
  }

  /**
   * Returns the part in the requested order; in that of keys when none is requested.
   *
   * @param value of an entry and a field, as {@link #cutSorted} needs it
   */
  public <T, F extends Enum<F> & SortField> Part<T> cut(
      Stream<T> entries,
      Function<? super T, String> key,
      @Nullable Sorting<F> sorting,
      BiFunction<? super T, ? super F, @Nullable String> value) {
    return sorting == null ? cut(entries, key) : cutSorted(entries, key, sorting, value);
  }

  /** Returns the part of entries that come in the order of their keys, in the requested order. */
  public <T, F extends Enum<F> & SortField> Part<T> cutOrdered(
      Stream<T> entries,
      Function<? super T, String> key,
      @Nullable Sorting<F> sorting,
      BiFunction<? super T, ? super F, @Nullable String> value) {
    return sorting == null ? cutOrdered(entries, key) : cutSorted(entries, key, sorting, value);
  }

  /** See {@link #cutSorted(Stream, Function, Function, boolean)}. */
  public <T, F extends Enum<F> & SortField> Part<T> cutSorted(
      Stream<T> entries,
      Function<? super T, String> key,
      Sorting<F> sorting,
      BiFunction<? super T, ? super F, @Nullable String> value) {
    return cutSorted(entries, key, entry -> value.apply(entry, sorting.field()), sorting.down());
  }

  /**
   * Returns the part of entries in the order of a value, and of their unique keys where values are
   * equal; entries without a value come last. The token names both, so a walk repeats and misses
   * only entries whose value changes meanwhile.
   *
   * @param value texts whose order is that of the values ({@link Sorting}); null for none
   * @param down from high to low; the order of keys, and of entries without a value, stays the same
   */
  <T> Part<T> cutSorted(
      Stream<T> entries,
      Function<? super T, String> key,
      Function<? super T, @Nullable String> value,
      boolean down) {
    Comparator<Place> order = Place.order(down);
    Place last = after == null ? null : Place.parse(after);
    List<Placed<T>> sorted =
        entries
            .map(entry -> new Placed<T>(new Place(value.apply(entry), key.apply(entry)), entry))
            .filter(placed -> last == null || order.compare(placed.place, last) > 0)
            .sorted(Comparator.comparing(Placed::place, order))
            .toList();
    return first(sorted, placed -> placed.place.text()).map(Placed::entry);
  }

  private record Placed<T>(Place place, T entry) {}

  /** The position of an entry in a sorted list. */
  private record Place(@Nullable String value, String key) {

    private static final String NONE = "-";

    static Comparator<Place> order(boolean down) {
      Comparator<String> values = down ? Comparator.reverseOrder() : Comparator.naturalOrder();
      return Comparator.comparing(Place::value, Comparator.nullsLast(values))
          .thenComparing(Place::key);
    }

    /** Returns the position as text; the length comes first, as a value may contain anything. */
    String text() {
      return value == null ? NONE + ":" + key : value.length() + ":" + value + key;
    }

    /** Parses a position; a token may be forged. */
    static Place parse(String text) {
      int colon = text.indexOf(':');
      try {
        String length = text.substring(0, colon);
        int end = colon + 1 + (length.equals(NONE) ? 0 : Integer.parseInt(length));
        return new Place(
            length.equals(NONE) ? null : text.substring(colon + 1, end), text.substring(end));
      } catch (NumberFormatException | IndexOutOfBoundsException e) {
        throw ApiException.parameter(TOKEN, EXPECTED);
      }
    }
  }

  /** Returns whether the entry of that key is not in an earlier part. */
  public boolean isAhead(String key) {
    return after == null || key.compareTo(after) > 0;
  }

  private record Keyed<T>(String key, T entry) {}

  private String token(String key) {
    byte[] text = (digest(scope) + key).getBytes(StandardCharsets.UTF_8);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(text);
  }

  /** Returns the key in a token; null when the token is invalid or belongs to another list. */
  static @Nullable String after(String token, String scope) {
    try {
      String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
      String digest = digest(scope);
      return text.startsWith(digest) ? text.substring(digest.length()) : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static String digest(String scope) {
    return Digest.of(scope.getBytes(StandardCharsets.UTF_8)).substring(0, 12);
  }
}
