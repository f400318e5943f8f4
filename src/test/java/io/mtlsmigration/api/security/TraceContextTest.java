// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

final class TraceContextTest {

  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String PARENT = "b7ad6b7169203331";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "00-" + TRACE + "-" + PARENT + "-01",
        "cc-" + TRACE + "-" + PARENT + "-01",
        "cc-" + TRACE + "-" + PARENT + "-01-what-the-future-will-be-like",
      })
  void goesOnInTheCallersTraceAsASpanOfItsOwn(String parent) {
    TraceContext trace = TraceContext.under(parent);

    assertEquals(TRACE, trace.traceId());
    assertEquals("01", trace.flags());
    assertNotEquals(PARENT, trace.spanId());
    assertTrue(trace.text().matches("00-" + TRACE + "-[0-9a-f]{16}-01"), trace.text());
  }

  @ParameterizedTest
  @NullAndEmptySource
  @ValueSource(
      strings = {
        "00-" + TRACE + "-" + PARENT + "-01-more",
        "00-" + TRACE + "-" + PARENT,
        "ff-" + TRACE + "-" + PARENT + "-01",
        "00-00000000000000000000000000000000-" + PARENT + "-01",
        "00-" + TRACE + "-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-" + PARENT + "-01",
        "cc-" + TRACE + "-" + PARENT + "-01.more",
      })
  void beginsATraceWhereThereIsNone(String parent) {
    TraceContext trace = TraceContext.under(parent);

    assertNotEquals(TRACE, trace.traceId());
    assertTrue(trace.text().matches("00-[0-9a-f]{32}-[0-9a-f]{16}-00"), trace.text());
  }

  @Test
  void isTheSpanThatIsRecordedWhereThereIsOne() {
    SpanContext recorded =
        SpanContext.create(
            TRACE, "00f067aa0ba902b7", TraceFlags.getSampled(), TraceState.getDefault());

    TraceContext trace = TraceContext.of(recorded, "00-" + TRACE + "-" + PARENT + "-00");

    assertEquals("00-" + TRACE + "-00f067aa0ba902b7-01", trace.text());
  }

  @Test
  void isOneOfItsOwnWhereNothingIsRecorded() {
    TraceContext trace =
        TraceContext.of(SpanContext.getInvalid(), "00-" + TRACE + "-" + PARENT + "-01");

    assertEquals(TRACE, trace.traceId());
    assertNotEquals(PARENT, trace.spanId());
  }

  @Test
  void namesEachCallAnew() {
    assertNotEquals(TraceContext.under(null), TraceContext.under(null));
  }
}
