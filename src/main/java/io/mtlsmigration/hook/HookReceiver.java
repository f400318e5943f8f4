package io.mtlsmigration.hook;

import io.mtlsmigration.plan.HookTargets;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A receiver that is shown credentials. They go to URLs under its own and nowhere else: whoever
 * makes a plan chooses where a hook leads, and could have them sent to himself.
 *
 * @param url that the hook's URL has to lie under: same scheme, host and port, and its path
 * @param authorization value of the header {@code Authorization}, asked for anew for each call so
 *     that a token in a file may change; null = none
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

  /** {@code /a/..} would leave what it lies under, in whatever way the receiver reads it. */
  private static boolean under(String base, String path) {
    boolean plain = !path.contains("..") && !path.contains("%") && !path.contains("//");
    return base.equals("/")
        || path.equals(base)
        || (plain && path.startsWith(base.endsWith("/") ? base : base + "/"));
  }

  /**
   * What is sent with a call.
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
