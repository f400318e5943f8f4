package io.mtlsmigration.api.security;

import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * While nobody is asked who they are, a web page from elsewhere must not command the service by way
 * of a browser on this machine. Two headers give it away, and a page can forge neither: {@code
 * Origin} when it calls the loopback address itself, {@code Host} when its own name has been made
 * to lead there (DNS rebinding).
 */
final class LocalCallers {

  private static final Pattern LOCAL =
      Pattern.compile(
          "(.+\\.)?localhost\\.?|127(\\.\\d{1,3}){3}|\\[?(::1|0:0:0:0:0:0:0:1)]?",
          Pattern.CASE_INSENSITIVE);

  private LocalCallers() {}

  /**
   * Lets local callers pass.
   *
   * @throws ApiException 403 for others
   */
  static void demand(HttpServerRequest request) {
    String host = request.authority() == null ? "localhost" : request.authority().host();
    demand(host, request.getHeader(HttpHeaderNames.ORIGIN));
  }

  static void demand(String host, @Nullable String origin) {
    if (!LOCAL.matcher(host).matches()) {
      throw refusal("Host " + printable(host));
    }
    if (origin != null && !isLocal(origin)) {
      throw refusal("Origin " + printable(origin));
    }
  }

  private static boolean isLocal(String origin) {
    try {
      String host = URI.create(origin).getHost();
      return host != null && LOCAL.matcher(host).matches();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static String printable(String text) {
    String ascii = text.replaceAll("[^\\x21-\\x7e]", "?");
    return ascii.length() > 100
        ? ascii.substring(0, 100).toLowerCase(Locale.ROOT)
        : ascii.toLowerCase(Locale.ROOT);
  }

  private static ApiException refusal(String what) {
    return ApiException.of(
        ErrorCode.FORBIDDEN,
        what
            + " is not of this machine, and mtls-migration.auth.mode is none: call it as localhost,"
            + " or choose another mode");
  }
}
