// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.login;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class SameOriginTest {

  static Stream<Arguments> calls() {
    String host = "mesh.example:8443";
    return Stream.of(
        argumentSet("the page", "same-origin", null, host, true),
        argumentSet("the page, posting", "same-origin", "https://" + host, host, true),
        argumentSet("the page, its host renamed", "same-origin", "https://x.example", host, true),
        argumentSet("a page of a neighbour", "same-site", null, host, false),
        argumentSet("a page from elsewhere", "cross-site", null, host, false),
        argumentSet("an address that was typed", "none", null, host, false),
        argumentSet("no browser", null, null, host, true),
        argumentSet("the page, without TLS", null, "http://" + host, host, true),
        argumentSet("in other letters", null, "http://MESH.example:8443", host, true),
        argumentSet("another port", null, "http://mesh.example:8444", host, false),
        argumentSet("another host", null, "http://mesh.example.evil:8443", host, false),
        argumentSet("a host before ours", null, "http://evil@" + host, host, false),
        argumentSet("nobody's", null, "null", host, false),
        argumentSet("no origin at all", null, "http://[", host, false),
        argumentSet("no host", null, "http://" + host, null, false));
  }

  @ParameterizedTest
  @MethodSource("calls")
  void tellsOurOwnCalls(
      @Nullable String site, @Nullable String origin, @Nullable String host, boolean ours) {
    assertEquals(ours, SameOrigin.made(site, origin, host));
  }
}
