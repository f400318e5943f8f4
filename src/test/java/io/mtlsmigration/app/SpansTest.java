// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SpansTest {

  private final InMemorySpanExporter exported = InMemorySpanExporter.create();
  private final SdkTracerProvider tracing =
      SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(exported)).build();
  private final Spans spans = Spans.of(tracing.get("test"));

  @AfterEach
  void close() {
    tracing.close();
  }

  private SpanData only() {
    List<SpanData> all = exported.getFinishedSpanItems();
    assertEquals(1, all.size(), all.toString());
    return all.getFirst();
  }

  @Test
  void whatIsDoneWithinWorkIsUnderIt() {
    spans.within("outer", outer -> spans.within("inner", inner -> "done"));

    List<SpanData> ended = exported.getFinishedSpanItems();
    assertEquals(List.of("inner", "outer"), ended.stream().map(SpanData::getName).toList());
    assertEquals(ended.get(1).getSpanId(), ended.get(0).getParentSpanId());
    assertFalse(Span.current().getSpanContext().isValid());
  }

  @Test
  void anExceptionIsTheErrorOfTheSpanAndGoesOn() {
    IllegalStateException thrown =
        assertThrows(
            IllegalStateException.class,
            () ->
                spans.within(
                    "tick",
                    span -> {
                      throw new IllegalStateException("it died");
                    }));

    assertEquals("it died", thrown.getMessage());
    assertEquals(StatusCode.ERROR, only().getStatus().getStatusCode());
    assertEquals(1, only().getEvents().size());
  }

  @Test
  void workForAnotherThreadGoesOnUnderWhatIsCurrent() {
    spans.within(
        "call",
        call -> {
          Thread thread = new Thread(spans.carried(() -> spans.within("check", check -> "done")));
          thread.start();
          joined(thread);
          return "done";
        });

    List<SpanData> ended = exported.getFinishedSpanItems();
    assertEquals(List.of("check", "call"), ended.stream().map(SpanData::getName).toList());
    assertEquals(ended.get(1).getSpanId(), ended.get(0).getParentSpanId());
  }

  private static void joined(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whileTracingIsOffNothingIsMade() {
    Context before = Context.current();
    Runnable work = () -> {};

    Span given =
        Spans.OFF.within(
            "tick",
            span -> {
              assertSame(before, Context.current());
              return span;
            });

    assertSame(Span.getInvalid(), given);
    assertSame(work, Spans.OFF.carried(work));
  }
}
