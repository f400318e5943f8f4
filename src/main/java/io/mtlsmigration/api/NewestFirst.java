// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Unique keys by which lists of past events and records are cut, newest first. */
final class NewestFirst {

  private NewestFirst() {}

  static String key(Instant at, String id) {
    long micros = ChronoUnit.MICROS.between(Instant.EPOCH, at);
    return "%019d\n%s".formatted(Long.MAX_VALUE - micros, id);
  }
}
