// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.login;

import io.mtlsmigration.access.AuthMode;
import io.mtlsmigration.api.problem.ErrorCode;
import io.mtlsmigration.api.problem.ProblemWriter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.quarkus.oidc.AccessTokenCredential;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.AuthenticationRedirectException;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticator;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The routes below {@code /login}: to the OpenID provider and back, and the resulting session. They
 * are open to everybody, and are no resources of the API, since they answer browsers. A browser is
 * redirected to one of four fixed places only, so that no link can send it elsewhere. Those of the
 * page are relative to the route, which a proxy may have put below a path prefix.
 */
@Singleton
final class LoginRoutes {

  private static final Logger LOG = Logger.getLogger(LoginRoutes.class);

  private static final String HOME = "";

  /** A view that notifies the other tab and closes. */
  private static final String SIGNED_IN = "#/signed-in";

  private static final String BEGIN = LoginTenant.PATH;

  /** Begins a login in a tab of its own, beside one that waits. */
  private static final String AGAIN = LoginTenant.PATH + "/again";

  /** The value of {@code quarkus.oidc.page.authentication.redirect-path}. */
  private static final String BACK = LoginTenant.PATH + "/callback";

  private static final String SESSION = LoginTenant.PATH + "/session";
  private static final String LOGOUT = LoginTenant.PATH + "/logout";

  private static final int RETRY_AFTER_SECONDS = 5;

  private final Provider provider;
  private final AuthMode mode;
  private final boolean enabled;
  private final Clock clock;
  private final ProblemWriter problems;

  LoginRoutes(
      Provider provider,
      AuthMode mode,
      @ConfigProperty(name = "quarkus.oidc.page.tenant-enabled") boolean enabled,
      Clock clock,
      ProblemWriter problems) {
    this.provider = provider;
    this.mode = mode;
    this.enabled = enabled;
    this.clock = clock;
    this.problems = problems;
  }

  void register(@Observes Router router) {
    router.route(LoginTenant.PATH).handler(this::take);
    router.route(LoginTenant.PATH + "/*").handler(this::take);
  }

  private boolean isOffered() {
    return mode == AuthMode.OIDC && enabled;
  }

  private void take(RoutingContext routing) {
    routing.response().putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    String path = routing.normalizedPath();
    HttpMethod method = path.equals(LOGOUT) ? HttpMethod.POST : HttpMethod.GET;
    switch (path) {
      case BEGIN, AGAIN, BACK, SESSION, LOGOUT -> {
        if (!routing.request().method().equals(method)) {
          routing.response().putHeader(HttpHeaders.ALLOW, method.name());
          answer(routing, ErrorCode.METHOD_NOT_ALLOWED, "Allowed here: " + method.name());
          return;
        }
      }
      default -> {
        answer(routing, ErrorCode.NOT_FOUND, "There is no resource " + path);
        return;
      }
    }
    if (path.equals(SESSION) && !isOffered()) {
      show(routing, Map.of("offered", false));
    } else if (!isOffered()) {
      answer(
          routing,
          ErrorCode.NOT_FOUND,
          "Signing in on the page is not configured: set quarkus.oidc.page.tenant-enabled,"
              + " quarkus.oidc.page.client-id and mtls-migration.auth.mode=oidc, or send a token"
              + " that you have");
    } else {
      serve(path, routing);
    }
  }

  private void serve(String path, RoutingContext routing) {
    switch (path) {
      case SESSION, LOGOUT -> {
        if (!SameOrigin.made(routing.request())) {
          answer(routing, ErrorCode.FORBIDDEN, "Only the page itself may ask for this");
        } else if (path.equals(SESSION)) {
          session(routing);
        } else {
          logOut(routing);
        }
      }
      case BACK -> back(routing);
      default -> begin(routing, path.equals(AGAIN) ? SIGNED_IN : HOME);
    }
  }

  private void begin(RoutingContext routing, String then) {
    visitor(routing)
        .subscribe()
        .with(
            visitor -> {
              if (visitor == null) {
                send(routing);
              } else {
                redirect(routing, page(routing, then));
              }
            },
            failure -> {
              if (failure instanceof AuthenticationFailedException && !Provider.isAway(failure)) {
                // The session has ended: begin a new one.
                send(routing);
              } else {
                fail(routing, failure);
              }
            });
  }

  /** Sends the browser to the provider. */
  private void send(RoutingContext routing) {
    provider
        .answers()
        .flatMap(
            answers ->
                answers ? challenge(routing) : Uni.createFrom().<@Nullable ChallengeData>nullItem())
        .subscribe()
        .with(
            challenge -> {
              if (challenge == null) {
                fail(routing, LoginProblem.UNREACHABLE);
                return;
              }
              String there = null;
              for (Map.Entry<CharSequence, String> header : challenge.getHeaders().entrySet()) {
                if (HttpHeaderNames.LOCATION.contentEqualsIgnoreCase(header.getKey())) {
                  there = header.getValue();
                }
              }
              if (there == null) {
                // Just back from the provider, and the state cookie is missing.
                fail(routing, LoginProblem.COOKIES);
              } else {
                redirect(routing, there);
              }
            },
            failure -> fail(routing, failure));
  }

  private static Uni<ChallengeData> challenge(RoutingContext routing) {
    HttpAuthenticator authenticator = routing.get(HttpAuthenticator.class.getName());
    return authenticator.getChallenge(routing);
  }

  private void back(RoutingContext routing) {
    boolean declined = routing.request().getParam("error") != null;
    visitor(routing)
        .subscribe()
        .with(
            visitor -> {
              if (visitor != null) {
                redirect(routing, page(routing, HOME));
              } else {
                fail(routing, declined ? LoginProblem.DECLINED : LoginProblem.EXPIRED);
              }
            },
            failure -> {
              if (declined) {
                fail(routing, LoginProblem.DECLINED);
              } else {
                fail(routing, failure);
              }
            });
  }

  private void session(RoutingContext routing) {
    visitor(routing)
        .subscribe()
        .with(
            visitor -> show(routing, state(visitor)),
            failure -> {
              if (Provider.isAway(failure)) {
                fail(routing, LoginProblem.UNREACHABLE);
              } else {
                LOG.debugf(failure, "A session has ended");
                provider.forget(routing);
                show(routing, state(null));
              }
            });
  }

  private Map<String, Object> state(@Nullable SecurityIdentity visitor) {
    AccessTokenCredential credential =
        visitor == null ? null : visitor.getCredential(AccessTokenCredential.class);
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("offered", true);
    if (credential != null) {
      state.put("token", credential.getToken());
      AccessTokens.lifetime(credential.getToken(), clock.instant())
          .ifPresent(left -> state.put("expiresIn", left.toSeconds()));
    }
    return state;
  }

  /** Ends the session here in any case, and at the provider if it answers. */
  private void logOut(RoutingContext routing) {
    visitor(routing)
        .ifNoItem()
        .after(Provider.PATIENCE)
        .fail()
        .flatMap(provider::revoke)
        .subscribe()
        .with(
            done -> leave(routing),
            failure -> {
              LOG.debug("A session is left that nobody vouches for", failure);
              leave(routing);
            });
  }

  private void leave(RoutingContext routing) {
    provider.forget(routing);
    Map<String, Object> rest = new LinkedHashMap<>();
    provider.endOfSession(home(routing)).ifPresent(uri -> rest.put("endSession", uri));
    show(routing, rest);
  }

  /** Returns the page's address, with the path prefix that a trusted proxy has named. */
  private String home(RoutingContext routing) {
    String home = routing.request().absoluteURI().replaceFirst(LOGOUT + ".*", "/");
    return provider.isBehindTls() ? home.replaceFirst("^http:", "https:") : home;
  }

  /** Returns the way from the route that was called to a place of the page. */
  private static String page(RoutingContext routing, String place) {
    return (routing.normalizedPath().equals(BEGIN) ? "./" : "../") + place;
  }

  /** Returns the identity of the session cookie; null when nobody has signed in. */
  private static Uni<@Nullable SecurityIdentity> visitor(RoutingContext routing) {
    // This class answers, not the mechanism that reads the cookie.
    BiConsumer<RoutingContext, Throwable> none = (call, failure) -> {};
    routing.put(QuarkusHttpUser.AUTH_FAILURE_HANDLER, none);
    return QuarkusHttpUser.getSecurityIdentity(routing, null)
        .map(identity -> identity == null || identity.isAnonymous() ? null : identity);
  }

  private void fail(RoutingContext routing, Throwable failure) {
    if (failure instanceof AuthenticationRedirectException next) {
      redirect(routing, next.getRedirectUri());
    } else if (Provider.isAway(failure)) {
      fail(routing, LoginProblem.UNREACHABLE);
    } else {
      LOG.warnf("Somebody could not sign in: %s", failure.getMessage());
      LOG.debug("Why", failure);
      fail(routing, LoginProblem.FAILED);
    }
  }

  private void fail(RoutingContext routing, LoginProblem problem) {
    String accepted = routing.request().getHeader(HttpHeaderNames.ACCEPT);
    if (accepted != null && accepted.contains("text/html")) {
      redirect(routing, page(routing, problem.place()));
      return;
    }
    if (problem.code() == ErrorCode.UNAVAILABLE) {
      routing
          .response()
          .putHeader(HttpHeaderNames.RETRY_AFTER, Integer.toString(RETRY_AFTER_SECONDS));
    }
    answer(routing, problem.code(), problem.detail());
  }

  private static void redirect(RoutingContext routing, String where) {
    routing.response().setStatusCode(303).putHeader(HttpHeaders.LOCATION, where).end();
  }

  private void show(RoutingContext routing, Map<String, Object> state) {
    routing
        .response()
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .end(new JsonObject(state).toBuffer());
  }

  private void answer(RoutingContext routing, ErrorCode code, String detail) {
    problems.answer(routing.response(), code, detail, String.valueOf(routing.request().path()));
  }
}
