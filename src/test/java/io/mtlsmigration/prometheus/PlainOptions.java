// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;

/** Of a server that asks for nothing: no credentials, no TLS, no second try. */
final class PlainOptions {

  private PlainOptions() {}

  static PrometheusOptions of(URI url, Duration refresh) {
    return new PrometheusOptions(
        url, null, Map.of(), null, Duration.ofSeconds(2), 0, refresh, InstantSource.system());
  }
}
