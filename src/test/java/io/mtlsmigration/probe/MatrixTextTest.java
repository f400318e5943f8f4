// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MatrixTextTest {

  @Test
  void printsTheLinesOfIstiosTask() {
    List<Cell> cells =
        List.of(
            cell("foo/curl", "bar/httpbin:8000", "10.0.0.1:8080", ProbeOutcome.OK, 200, 0),
            cell("legacy/curl", "foo/httpbin:8000", "10.0.0.2:8080", ProbeOutcome.REFUSED, 0, 56));

    List<String> lines = MatrixText.lines(cells);

    assertEquals(
        List.of(
            "curl.foo to httpbin.bar: 200",
            "curl.legacy to httpbin.foo: 000",
            "command terminated with exit code 56"),
        lines);
  }

  @Test
  void letsTheWorstEndpointSpeakForItsPort() {
    List<Cell> cells =
        List.of(
            cell("legacy/curl", "foo/httpbin:8000", "10.0.0.2:8080", ProbeOutcome.OK, 200, 0),
            cell("legacy/curl", "foo/httpbin:8000", "10.0.0.3:8080", ProbeOutcome.REFUSED, 0, 56),
            cell("legacy/curl", "foo/httpbin:8000", "10.0.0.4:8080", ProbeOutcome.OK, 200, 0));

    List<String> lines = MatrixText.lines(cells);

    assertEquals(
        List.of("curl.legacy to httpbin.foo: 000", "command terminated with exit code 56"), lines);
  }

  @Test
  void namesThePortWhereTheServiceHasSeveral() {
    List<Cell> cells =
        List.of(
            cell("foo/curl", "bar/db:5432", "10.0.0.1:5432", ProbeOutcome.OK, 0, 0),
            cell("foo/curl", "bar/httpbin:8000", "10.0.0.1:8080", ProbeOutcome.OK, 200, 0),
            cell("foo/curl", "bar/httpbin:9090", "10.0.0.1:9090", ProbeOutcome.REFUSED, 503, 0));

    assertEquals(
        List.of(
            "curl.foo to db.bar: open",
            "curl.foo to httpbin.bar:8000: 200",
            "curl.foo to httpbin.bar:9090: 503"),
        MatrixText.lines(cells));
  }

  @Test
  void saysWhyAProbeWasSkipped() {
    Cell skipped =
        Cells.made(
            "foo/curl",
            "bar/httpbin:8000",
            "10.0.0.1:8080",
            "httpbin-0",
            true,
            ProbeOutcome.SKIPPED,
            0,
            0,
            ProbeOutcome.OK,
            0,
            Instant.EPOCH,
            "no curl in the container",
            null);

    assertEquals(
        List.of("curl.foo to httpbin.bar: skipped (no curl in the container)"),
        MatrixText.lines(List.of(skipped)));
  }

  private static Cell cell(
      String from, String to, String endpoint, ProbeOutcome outcome, int code, int exit) {
    return Cells.made(
        from,
        to,
        endpoint,
        "pod",
        false,
        outcome,
        code,
        exit,
        ProbeOutcome.OK,
        1,
        Instant.EPOCH,
        "",
        null);
  }
}
