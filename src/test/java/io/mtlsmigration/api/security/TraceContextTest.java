package io.mtlsmigration.api.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
  void namesEachCallAnew() {
    assertNotEquals(TraceContext.under(null), TraceContext.under(null));
  }
}
