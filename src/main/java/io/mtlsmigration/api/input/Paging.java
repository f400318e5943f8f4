package io.mtlsmigration.api.input;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which part of a list is asked for. A token names the last key that was seen, not a position, so a
 * walk misses nothing and repeats nothing while other entries come and go.
 *
 * @param scope path and filters, to which tokens are bound
 * @param after key of the last entry of the page before; null for the first page
 */
public record Paging(int limit, String scope, @Nullable String after) {

  /** A part of a list; {@code next} is the token of the part after it, null at the end. */
  public record Part<T>(List<T> items, @Nullable String next) {
    public Part {
      items = List.copyOf(items);
    }

    /** The same part with each entry shown otherwise; done for these entries alone. */
    public <R> Part<R> map(Function<? super T, R> view) {
      return new Part<>(items.stream().<R>map(view).toList(), next);
    }
  }

  /** Cuts the part out of entries that have unique keys; the order is that of the keys. */
  public <T> Part<T> cut(Stream<T> entries, Function<? super T, String> key) {
    List<Keyed<T>> sorted =
        entries
            .map(entry -> new Keyed<T>(key.apply(entry), entry))
            .filter(keyed -> isAhead(keyed.key))
            .sorted(Comparator.comparing(Keyed::key))
            .limit(limit + 1L)
            .toList();
    if (sorted.size() <= limit) {
      return new Part<>(sorted.stream().map(Keyed::entry).toList(), null);
    }
    List<T> items = new ArrayList<>(limit);
    sorted.subList(0, limit).forEach(keyed -> items.add(keyed.entry));
    return new Part<>(items, token(sorted.get(limit - 1).key));
  }

  /**
   * Cuts the part out of entries that come in the order of their unique keys: looks no further than
   * the page reaches.
   */
  public <T> Part<T> cutOrdered(Stream<T> ordered, Function<? super T, String> key) {
    List<T> items = ordered.filter(entry -> isAhead(key.apply(entry))).limit(limit + 1L).toList();
    return items.size() <= limit
        ? new Part<>(items, null)
        : new Part<>(items.subList(0, limit), token(key.apply(items.get(limit - 1))));
  }

  /** True when the entry of that key is not in an earlier part. */
  public boolean isAhead(String key) {
    return after == null || key.compareTo(after) > 0;
  }

  private record Keyed<T>(String key, T entry) {}

  private String token(String key) {
    byte[] text = (digest(scope) + key).getBytes(StandardCharsets.UTF_8);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(text);
  }

  /** The key in a token; null when the token is none, or one of another list. */
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
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(scope.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
