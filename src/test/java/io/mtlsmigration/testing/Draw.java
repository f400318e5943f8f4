// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.testing;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Draws from one seed: the same seed always draws the same, on every machine. */
public final class Draw {

  /**
   * What texts are broken with: ends of lines, commands, markup, what is not shown, halves of
   * characters.
   */
  private static final String NASTY =
      "\u0000\t\n\r"
          + "\u0007\u001b\u0085\u009b\u00a0\u200b\u200d\u2028\u202e\u2066\ufeff\ufffd\ud83d\ude00"
          + " ::##'\"\\/&<>|*~{}[]-?!%@0";

  private final RandomGenerator random;

  public Draw(long seed) {
    // SplittableRandom's sequence is specified by its algorithm; seeds that are neighbours do not
    // draw alike.
    random = new java.util.SplittableRandom(seed);
  }

  /** Both inclusive. */
  public int between(int from, int to) {
    return from + random.nextInt(to - from + 1);
  }

  /** From inclusive, to exclusive. */
  public long between(long from, long to) {
    return from + random.nextLong(to - from);
  }

  /** From 0 inclusive, to exclusive. */
  public int below(int to) {
    return random.nextInt(to);
  }

  /** Not negative; small numbers are as likely as large ones. */
  public long size() {
    return random.nextLong() >>> between(1, 63);
  }

  /** From 0 inclusive, to 1 exclusive. */
  public double share() {
    return random.nextDouble();
  }

  /** True so often in a hundred. */
  public boolean percent(int chance) {
    return random.nextInt(100) < chance;
  }

  public boolean coin() {
    return random.nextBoolean();
  }

  @SafeVarargs
  public final <T> T of(T... choices) {
    return choices[random.nextInt(choices.length)];
  }

  public <T> T of(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  public <E extends Enum<E>> E of(Class<E> type) {
    return of(type.getEnumConstants());
  }

  /** As many as {@code from} to {@code to}, both inclusive. */
  public <T> List<T> list(int from, int to, Supplier<T> element) {
    List<T> list = new ArrayList<>();
    for (int left = between(from, to); left > 0; left--) {
      list.add(element.get());
    }
    return list;
  }

  public byte[] bytes(int most) {
    byte[] bytes = new byte[between(0, most)];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Characters that can be sent, of which half are printable ASCII and many are {@link #NASTY}. */
  public String text(int most) {
    return new String(units(most).getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }

  /** The same with halves of characters: no UTF-8 carries them. */
  public String units(int most) {
    StringBuilder text = new StringBuilder();
    for (int left = between(0, most); left > 0; left--) {
      text.append(
          coin()
              ? (char) between(' ', '~')
              : coin() ? NASTY.charAt(below(NASTY.length())) : (char) between(0, 0xFFFF));
    }
    return text.toString();
  }
}
