// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.notice;

import io.mtlsmigration.plan.Digest;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.StepKey;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Something that somebody should know.
 *
 * @param plan empty for a test
 * @param id the same whoever tells it and how often; ids sort by {@code at} (see {@link #id})
 * @param at the time when it became so
 * @param step what it is about; null when it is about the plan itself
 * @param owner the owner of that namespace or exception; null when nobody is named
 * @param reason why, a name such as {@code CLIENTS_REFUSED}
 * @param title one short sentence without a full stop
 * @param message details; may quote what tenants have written
 * @param instead the id of the notice that tells the same: whoever was told that one is not told
 *     this; null when there is none
 */
public record Notice(
    String id,
    NoticeKind kind,
    Instant at,
    String plan,
    String planUid,
    @Nullable StepKey step,
    @Nullable String owner,
    String reason,
    String title,
    String message,
    @Nullable String instead) {

  /** What matters most first, then the oldest. */
  public static final Comparator<Notice> BY_URGENCY =
      Comparator.comparing((Notice notice) -> notice.kind().severity())
          .reversed()
          .thenComparing(Notice::id);

  private static final int TIME = 13;
  private static final int DIGITS = 12;

  /**
   * Returns the id of a notice: 13 hexadecimal digits of its time in microseconds, a dash, and 12
   * digits of what it is about. Records and events of one change lead to the same id.
   *
   * @param about distinguishes notices of one kind and plan: a step and since when, an exception
   */
  static String id(NoticeKind kind, PlanRecord plan, String about, Instant at) {
    Digest digest = new Digest();
    digest.line(kind, plan.uid(), about);
    return floor(at) + "-" + digest.hex().substring(0, DIGITS);
  }

  /** Returns a notice by which a person tries out a receiver; no filter holds it. */
  public static Notice test(Instant at, String by) {
    Digest digest = new Digest();
    digest.line(NoticeKind.TEST, by, at);
    return new Notice(
        floor(at) + "-" + digest.hex().substring(0, DIGITS),
        NoticeKind.TEST,
        at,
        "",
        "",
        null,
        null,
        "REQUESTED",
        "A test of mtls-migration",
        by + " tries out whether notices arrive; nothing has happened",
        null);
  }

  /** Returns a text that sorts before the ids of that time, and after those of any earlier one. */
  static String floor(Instant at) {
    long micros = Math.max(0, ChronoUnit.MICROS.between(Instant.EPOCH, at));
    return HexFormat.of().toHexDigits(micros, TIME);
  }

  /** Returns what an id is about: of two notices that agree in it, one is told. */
  static String about(String id) {
    return id.substring(id.indexOf('-') + 1);
  }

  /** Returns the namespace; empty for the mesh step and for the plan itself. */
  public String namespace() {
    return step == null ? "" : step.namespace();
  }
}
