package io.mtlsmigration.plan;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;

/**
 * Where a hook may lead. The service calls it from inside the cluster, so an address that only the
 * service can reach (its own loopback, the node's metadata) must not be the plan's to choose.
 *
 * <p>Only what the URL says is judged; a name is looked up when the hook is called, and the caller
 * has to judge the address again then.
 */
final class HookAddress {

  private HookAddress() {}

  static void check(URI url, PlanLimits limits, String pointer, ProblemList problems) {
    String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("https") && !scheme.equals("http")) {
      problems.add(pointer, "HOOK_SCHEME", "a hook's URL begins with https:// or http://");
      return;
    }
    // Null for what is no host name and no plain address, such as 0x7f.1 or 2130706433.
    String host = url.getHost();
    if (host == null || host.isEmpty()) {
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
