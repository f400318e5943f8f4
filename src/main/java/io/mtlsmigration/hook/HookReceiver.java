// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hook;

import io.mtlsmigration.plan.HookTargets;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A receiver that gets credentials. They are sent only to URLs below its own: the author of a plan
 * chooses a hook's URL, and could otherwise have them sent to himself.
 *
 * @param url the URL that the hook's URL has to be below: same scheme, host and port, and its path
 * @param authorization value of the header {@code Authorization}, requested for each call so that a
 *     token in a file may change; null = none
 * @param headers further headers
 */
public record HookReceiver(
    URI url, @Nullable Supplier<String> authorization, Map<String, String> headers) {

  public HookReceiver {
    headers = Map.copyOf(headers);
  }

  boolean covers(URI target) {
    return scheme(url).equals(scheme(target))
        && host(url).equals(host(target))
        && HookTargets.port(url) == HookTargets.port(target)
        && under(path(url), path(target));
  }

  /** Returns whether a path is below the base; {@code /a/..} may not be, for some receivers. */
  private static boolean under(String base, String path) {
    boolean plain = !path.contains("..") && !path.contains("%") && !path.contains("//");
    return base.equals("/")
        || path.equals(base)
        || (plain && path.startsWith(base.endsWith("/") ? base : base + "/"));
  }

  /**
   * Returns the headers that are sent with a call.
   *
   * @throws java.io.UncheckedIOException when the token cannot be read
   */
  Map<String, String> credentials() {
    Map<String, String> all = new LinkedHashMap<>(headers);
    if (authorization != null) {
      all.put("Authorization", authorization.get());
    }
    return all;
  }

  static boolean secure(URI url) {
    return scheme(url).equals("https");
  }

  private static String scheme(URI url) {
    return url.getScheme().toLowerCase(Locale.ROOT);
  }

  private static String host(URI url) {
    return url.getHost().toLowerCase(Locale.ROOT);
  }

  static String path(URI url) {
    String path = url.getRawPath();
    return path == null || path.isEmpty() ? "/" : path;
  }
}
