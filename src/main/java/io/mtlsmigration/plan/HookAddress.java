package io.mtlsmigration.plan;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Where a hook may lead. The service calls it from inside the cluster, so an address that only the
 * service can reach (its own loopback, the node's metadata) must not be the plan's to choose.
 *
 * <p>Only what the URL says is judged; a name is looked up when the hook is called, and the caller
 * has to judge the address again then.
 */
final class HookAddress {

  private static final Pattern NUMBER_LAST =
      Pattern.compile("(.*\\.)?(\\d+|0[xX][0-9a-fA-F]*)\\.?");

  private HookAddress() {}

  static void check(URI url, PlanLimits limits, String pointer, ProblemList problems) {
    String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("https") && !scheme.equals("http")) {
      problems.add(pointer, "HOOK_SCHEME", "a hook's URL begins with https:// or http://");
      return;
    }
    String host = url.getHost();
    if (host == null || host.isEmpty() || isDisguised(host)) {
      problems.add(pointer, "HOOK_HOST", "the URL names no host");
      return;
    }
    problems.require(
        url.getRawUserInfo() == null,
        pointer,
        "HOOK_CREDENTIALS",
        "credentials do not belong in a URL that everybody can read");
    problems.require(
        limits.localHooks() || !isLocal(host),
        pointer,
        "HOOK_ADDRESS",
        host + " is a loopback or link-local address");
  }

  /** Resolvers read numbers such as 2130706433, 0x7f000001 or 127.1 as addresses. */
  private static boolean isDisguised(String host) {
    return NUMBER_LAST.matcher(host).matches() && !Cidr.isValid(host);
  }

  private static boolean isLocal(String host) {
    String name = host.toLowerCase(Locale.ROOT).replaceAll("\\.$", "");
    if (name.equals("localhost") || name.endsWith(".localhost")) {
      return true;
    }
    String literal = name.startsWith("[") ? name.substring(1, name.length() - 1) : name;
    if (!literal.contains(":") && !Cidr.isValid(literal)) {
      return false; // a name
    }
    try {
      // A literal: nothing is looked up. An IPv4 address mapped into IPv6 comes out as IPv4.
      InetAddress address = InetAddress.getByName(literal);
      return address.isLoopbackAddress()
          || address.isLinkLocalAddress()
          || address.isAnyLocalAddress()
          || address.isMulticastAddress();
    } catch (UnknownHostException e) {
      return true;
    }
  }
}
