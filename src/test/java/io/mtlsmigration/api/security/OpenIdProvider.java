// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/** As much of an OpenID provider as checks tokens: its description and its keys. */
public final class OpenIdProvider implements QuarkusTestResourceLifecycleManager {

  /** Key that signs, for the test: PKCS 8 in base 64. */
  static final String SIGNING_KEY = "test.openid.signing-key";

  static final String KEY_ID = "one";

  private @Nullable HttpServer server;

  @Override
  public Map<String, String> start() {
    try {
      RsaJsonWebKey key = RsaJwkGenerator.generateJwk(2048);
      key.setKeyId(KEY_ID);
      key.setUse("sig");
      HttpServer http =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      String issuer = "http://127.0.0.1:" + http.getAddress().getPort();
      serve(
          http,
          "/.well-known/openid-configuration",
          "{\"issuer\":\"%1$s\",\"jwks_uri\":\"%1$s/keys\"}".formatted(issuer));
      serve(
          http, "/keys", new JsonWebKeySet(key).toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY));
      http.start();
      server = http;
      return Map.of(
          "quarkus.oidc.auth-server-url",
          issuer,
          SIGNING_KEY,
          Base64.getEncoder().encodeToString(key.getPrivateKey().getEncoded()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (JoseException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void serve(HttpServer http, String path, String json) {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    http.createContext(
        path,
        exchange -> {
          try (exchange) {
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
          }
        });
  }

  @Override
  public void stop() {
    if (server != null) {
      server.stop(0);
    }
  }
}
