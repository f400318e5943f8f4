// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.Cidr;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Validates the address of a hook. The service calls it from inside the cluster, so a plan must not
 * choose an address that only the service can reach (its own loopback, the node's metadata).
 *
 * <p>Only the URL is judged; a name is resolved when the hook is called, and judged again then by
 * the same {@link HookTargets}.
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
        url.getPort() == -1 || (url.getPort() >= 1 && url.getPort() <= 65_535),
        pointer,
        "HOOK_PORT",
        "a port is between 1 and 65535");
    problems.require(
        url.getRawUserInfo() == null,
        pointer,
        "HOOK_CREDENTIALS",
        "credentials do not belong in a URL that everybody can read");
    limits
        .hookTargets()
        .refusal(url)
        .ifPresent(
            what ->
                problems.add(pointer, "HOOK_ADDRESS", "no hook may call " + what + ": " + host));
    refusal(host, limits.hookTargets())
        .ifPresent(
            kind ->
                problems.add(
                    pointer,
                    "HOOK_ADDRESS",
                    host + " is " + kind + ", which mtls-migration.hooks.allow does not open"));
  }

  /** Returns whether resolvers read a name like 2130706433, 0x7f000001, 127.1 as an address. */
  private static boolean isDisguised(String host) {
    return NUMBER_LAST.matcher(host).matches() && !Cidr.isValid(host);
  }

  private static Optional<String> refusal(String host, HookTargets targets) {
    String name = host.toLowerCase(Locale.ROOT).replaceAll("\\.$", "");
    if (name.equals("localhost") || name.endsWith(".localhost")) {
      return targets.loopback() ? Optional.empty() : Optional.of("this machine");
    }
    String literal = name.startsWith("[") ? name.substring(1, name.length() - 1) : name;
    if (!literal.contains(":") && !Cidr.isValid(literal)) {
      return Optional.empty(); // a name
    }
    try {
      // A literal is not looked up. An IPv4 address mapped into IPv6 is returned as IPv4.
      return targets.refusal(InetAddress.getByName(literal));
    } catch (UnknownHostException e) {
      return Optional.of("no address");
    }
  }
}
