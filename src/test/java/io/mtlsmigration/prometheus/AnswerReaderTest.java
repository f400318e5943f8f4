// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AnswerReaderTest {

  @Test
  void readsInstantAndRangeSamplesInTheirOrder() throws IOException {
    QueryResult result =
        read(
            """
            {"status": "success", "data": {"resultType": "vector", "stats": {"timings": {}}, "result": [
              {"metric": {"a": "x", "b": "y"}, "value": [1435781430.781, "1.5"]},
              {"metric": {}, "values": [[1, "2"], [16, "+Inf"], [31, "-Inf"]], "more": [{}]}
            ]}, "infos": ["about nothing"], "warnings": ["PromQL info: metric might not be a counter"]}
            """);

    assertEquals(
        List.of(
            new QueryResult.Series(
                Map.of("a", "x", "b", "y"), List.of(new QueryResult.Sample(1435781430.781, 1.5))),
            new QueryResult.Series(
                Map.of(),
                List.of(
                    new QueryResult.Sample(1, 2),
                    new QueryResult.Sample(16, Double.POSITIVE_INFINITY),
                    new QueryResult.Sample(31, Double.NEGATIVE_INFINITY)))),
        result.series());
  }

  @Test
  void knowsNaN() throws IOException {
    QueryResult result =
        read(
            """
            {"status": "success", "data": {"result": [{"metric": {}, "value": [1, "NaN"]}]}}
            """);

    assertEquals(Double.NaN, result.series().getFirst().value());
  }

  @Test
  void keepsALabelValueOnceForAllSeries() throws IOException {
    List<QueryResult.Series> series =
        read("""
                {"data": {"result": [{"metric": {"ns": "foo"}, "value": [1, "1"]},
                  {"metric": {"ns": "foo"}, "value": [1, "1"]}]}, "status": "success"}
                """)
            .series();

    assertSame(series.getFirst().labels().get("ns"), series.getLast().labels().get("ns"));
  }

  @Test
  void takesAPartialAnswerForNone() throws IOException {
    QueryResult result =
        read(
            """
            {"status": "success", "data": {"result": [{"metric": {}, "value": [1, "1"]}]},
              "warnings": ["PromQL info: x", "no store matched", "another"]}
            """);

    assertEquals(new QueryResult.Failed("the answer is partial: no store matched"), result);
  }

  /** A cluster of VictoriaMetrics answers so, with 200, while a vmstorage is down. */
  @ParameterizedTest
  @CsvSource({"true, false", "false, true"})
  void takesTheAnswerOfSomeStoragesForNone(boolean partial, boolean usable) throws IOException {
    QueryResult result =
        read(
            """
            {"status": "success", "isPartial": %s, "data": {"resultType": "vector", "result": [
              {"metric": {}, "value": [1, "1"]}]}, "stats": {"seriesFetched": "1"}}
            """
                .formatted(partial));

    assertEquals(usable, result instanceof QueryResult.Answer, result.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"status\":\"error\",\"errorType\":\"timeout\",\"error\":\"too slow\"} | timeout: too slow",
        "{\"status\":\"error\"} | unknown: ",
        "{} | unknown: ",
        "[{\"status\":\"success\"}] | unknown: ",
        "{\"status\":{\"status\":\"success\"}} | unknown: ",
        "null | unknown: "
      },
      ignoreLeadingAndTrailingWhitespace = false)
  void takesWhatIsNoAnswerForNone(String body, String detail) throws IOException {
    assertEquals(
        new QueryResult.Failed(detail.substring(1)), read(body.substring(0, body.length() - 1)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<html>",
        "{\"status\":\"success\"",
        "{\"status\":\"success\",\"data\":{\"result\":[{\"metric\":{},\"value\":[1,"
      })
  void refusesWhatIsCutOff(String body) {
    assertThrows(IOException.class, () -> read(body));
  }

  @Test
  void takesNothingForNoAnswer() throws IOException {
    assertEquals(new QueryResult.Failed("unknown: "), read(""));
  }

  @Test
  void refusesAValueThatIsNoNumber() {
    assertThrows(
        NumberFormatException.class,
        () ->
            read(
                """
                {"status": "success", "data": {"result": [{"metric": {}, "value": [1, "many"]}]}}
                """));
  }

  private static QueryResult read(String body) throws IOException {
    return AnswerReader.read(body.getBytes(UTF_8));
  }
}
