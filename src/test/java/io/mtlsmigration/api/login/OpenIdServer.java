// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.login;

import io.mtlsmigration.testing.FreePort;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import no.nav.security.mock.oauth2.MockOAuth2Server;
import no.nav.security.mock.oauth2.OAuth2Config;
import no.nav.security.mock.oauth2.http.MockWebServerWrapper;
import no.nav.security.mock.oauth2.http.OAuth2HttpRequest;
import no.nav.security.mock.oauth2.http.OAuth2HttpResponse;
import no.nav.security.mock.oauth2.http.Route;
import no.nav.security.mock.oauth2.token.DefaultOAuth2TokenCallback;
import no.nav.security.mock.oauth2.token.OAuth2TokenProvider;
import okhttp3.Headers;

/**
 * An OpenID provider that people sign in at: it shows a form, takes any name, and puts the claims
 * that are written below it into its tokens.
 */
public final class OpenIdServer implements AutoCloseable {

  public static final String AUDIENCE = "mtls-migration";
  public static final String CLIENT = "mtls-migration-page";

  private static final String ISSUER = "main";

  private final MockOAuth2Server server;
  private final int port;
  private final Renewals renewals;

  private OpenIdServer(MockOAuth2Server server, int port, Renewals renewals) {
    this.server = server;
    this.port = port;
    this.renewals = renewals;
  }

  /**
   * Starts one on loopback.
   *
   * @param port 0 for any that is free
   * @param lifetime of access and id tokens
   */
  public static OpenIdServer start(int port, Duration lifetime) {
    Renewals renewals = new Renewals();
    MockOAuth2Server server =
        new MockOAuth2Server(
            new OAuth2Config(
                true,
                null,
                null,
                false,
                new OAuth2TokenProvider(),
                Set.of(
                    new DefaultOAuth2TokenCallback(
                        ISSUER,
                        "nobody",
                        "JWT",
                        List.of(AUDIENCE),
                        Map.of(),
                        lifetime.toSeconds())),
                new MockWebServerWrapper()),
            renewals);
    // Named, or another could not take its place at once.
    server.start(InetAddress.getLoopbackAddress(), port == 0 ? FreePort.next() : port);
    return new OpenIdServer(server, server.baseUrl().port(), renewals);
  }

  public int port() {
    return port;
  }

  public String issuer() {
    return issuer(port);
  }

  /** The issuer that a server at this port is, once it has been started. */
  public static String issuer(int port) {
    return "http://127.0.0.1:" + port + "/" + ISSUER;
  }

  /** From now on no session is renewed. */
  public void endSessions() {
    renewals.end();
  }

  /** From now on it takes calls for a renewal, and does not answer them until it is closed. */
  public void fallSilent() {
    renewals.silent = true;
  }

  @Override
  public void close() {
    renewals.over.countDown();
    server.shutdown();
  }

  /**
   * Takes back refresh tokens (RFC 7009), and refuses to renew by those, or by any once sessions
   * have been ended (RFC 6749 §5.2). The server's own end point forgets whose a token was, and goes
   * on renewing.
   */
  private static final class Renewals implements Route {

    private final Set<String> revoked = ConcurrentHashMap.newKeySet();
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile boolean ended;
    private volatile boolean silent;

    void end() {
      ended = true;
    }

    @Override
    public boolean match(OAuth2HttpRequest request) {
      if (!request.getMethod().equals("POST")) {
        return false;
      }
      String token = request.getFormParameters().get("refresh_token");
      return revokes(request) || (token != null && (silent || ended || revoked.contains(token)));
    }

    private static boolean revokes(OAuth2HttpRequest request) {
      return request.getUrl().encodedPath().endsWith("/revoke");
    }

    @Override
    public OAuth2HttpResponse invoke(OAuth2HttpRequest request) {
      if (silent) {
        wait(over);
      }
      String token = request.getFormParameters().get("token");
      if (revokes(request) && token != null) {
        revoked.add(token);
        return new OAuth2HttpResponse(Headers.of(), 200, "", null);
      }
      return new OAuth2HttpResponse(
          Headers.of("Content-Type", "application/json"),
          400,
          "{\"error\":\"invalid_grant\"}",
          null);
    }

    private static void wait(CountDownLatch latch) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
