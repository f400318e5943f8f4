// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.backtest;

import io.mtlsmigration.plan.ChangeWindow;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/** The times at which a plan may change anything: always, or within one of its change windows. */
record ChangeCalendar(List<ChangeWindow> windows) {

  static final ChangeCalendar ALWAYS = new ChangeCalendar(List.of());

  /** Returns the first instant from one on. */
  Instant next(Instant from) {
    return windows.stream()
        .map(window -> window.nextOpening(from))
        .min(Comparator.naturalOrder())
        .orElse(from);
  }
}
