// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.login;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The provider, beside the service. */
public final class OpenIdServerResource implements QuarkusTestResourceLifecycleManager {

  private @Nullable OpenIdServer server;

  @Override
  public Map<String, String> start() {
    OpenIdServer started = OpenIdServer.start(0, Duration.ofSeconds(40));
    server = started;
    return Map.of("quarkus.oidc.auth-server-url", started.issuer());
  }

  @Override
  public void stop() {
    if (server != null) {
      server.close();
    }
  }
}
