// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.Cidr;
import java.net.InetAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The addresses that hooks may call. The service calls from inside the cluster, and authors of
 * plans choose the address: they must not reach what only the service can reach. Private ranges
 * (10/8 and the like) hold a cluster's own services, and are open.
 *
 * <p>The same rule judges an address that a plan names and the one that is about to be connected
 * to, because a name may resolve differently in between.
 */
public final class HookTargets {

  /** Ranges that are closed unless the configuration opens them. */
  private static final List<Closed> CLOSED =
      List.of(
          closed("a loopback address", "127.0.0.0/8", "::1"),
          closed("an unspecified address", "0.0.0.0/8", "::"),
          closed("a link-local address", "169.254.0.0/16", "fe80::/10"),
          closed("a multicast address", "224.0.0.0/4", "ff00::/8"),
          closed("a reserved address", "240.0.0.0/4"),
          closed(
              "an address at which clouds hand out credentials of machines",
              "fd00:ec2::/32", // Amazon
              "fd20:ce::254", // Google
              "100.100.100.200", // Alibaba
              "168.63.129.16", // Azure
              "192.0.0.192", // Oracle
              "fd00:c1::/32"),
          // Both hide the address in ways that differ from network to network.
          closed("an address of Teredo", "2001::/32"),
          closed("a translated address (RFC 8215)", "64:ff9b:1::/48"));

  /** IPv6 ranges that embed an IPv4 address, and its offset. */
  private static final List<Embedding> EMBEDDINGS =
      List.of(
          new Embedding(range("64:ff9b::/96"), 12), // NAT64
          new Embedding(range("2002::/16"), 2), // 6to4
          new Embedding(range("::ffff:0:0:0/96"), 12), // SIIT
          new Embedding(range("::/96"), 12)); // the deprecated compatible form

  /** ISATAP, in any network: the four bytes before the address (RFC 5214), except for a flag. */
  private static final byte[] ISATAP = {0, 0, 0x5e, (byte) 0xfe};

  /** Targets without any opened range. */
  public static final HookTargets PUBLIC = new HookTargets(List.of(), List.of());

  private final List<Cidr> allowed;
  private final List<Needed> needed;

  private HookTargets(List<Cidr> allowed, List<Needed> needed) {
    this.allowed = List.copyOf(allowed);
    this.needed = List.copyOf(needed);
  }

  /**
   * A dependency of the service that a call could harm: Prometheus deletes series, or shuts down,
   * on request.
   *
   * @param what in words
   * @param host in lower case; a name, or an address without brackets
   */
  public record Needed(String what, String host, int port) {

    public static Needed at(String what, URI url) {
      return new Needed(what, HookTargets.host(url), HookTargets.port(url));
    }
  }

  /** Returns these targets without the given dependencies, by name and by address. */
  public HookTargets sparing(List<Needed> things) {
    return new HookTargets(allowed, things);
  }

  /** Returns the dependencies at the URL's port, for callers that can resolve names. */
  public List<Needed> needed(URI url) {
    return needed.stream().filter(thing -> thing.port() == port(url)).toList();
  }

  /** Returns why the URL must not be called whatever its address; empty when it may. */
  public Optional<String> refusal(URI url) {
    return needed(url).stream()
        .filter(thing -> thing.host().equals(host(url)))
        .map(Needed::what)
        .findFirst();
  }

  private static String host(URI url) {
    String host = url.getHost() == null ? "" : url.getHost().toLowerCase(Locale.ROOT);
    int end = host.endsWith(".") || host.endsWith("]") ? host.length() - 1 : host.length();
    return host.substring(host.startsWith("[") ? 1 : 0, end);
  }

  /** Returns the port of an HTTP URL. */
  public static int port(URI url) {
    if (url.getPort() >= 0) {
      return url.getPort();
    }
    return "https".equalsIgnoreCase(url.getScheme()) ? 443 : 80;
  }

  /**
   * Opens ranges, such as {@code 127.0.0.0/8} or {@code ::1}.
   *
   * @throws IllegalArgumentException naming the one that is no range
   */
  public static HookTargets allowing(List<String> ranges) {
    List<Cidr> allowed = new ArrayList<>();
    for (String range : ranges) {
      allowed.add(
          Cidr.parse(range.strip())
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "'" + range + "' is not an address range like 127.0.0.0/8")));
    }
    return new HookTargets(allowed, List.of());
  }

  private record Closed(String what, List<Cidr> ranges) {}

  private record Embedding(Cidr range, int offset) {}

  private static Closed closed(String what, String... ranges) {
    return new Closed(what, Arrays.stream(ranges).map(HookTargets::range).toList());
  }

  private static Cidr range(String text) {
    return Cidr.parse(text).orElseThrow();
  }

  /** Returns the kind of closed address, in words; empty when it may be called. */
  public Optional<String> refusal(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (opens(address)) {
      return Optional.empty();
    }
    for (Closed closed : CLOSED) {
      if (in(closed.ranges(), bytes)) {
        return Optional.of(closed.what());
      }
    }
    InetAddress meant = meant(address);
    return meant.equals(address) ? Optional.empty() : refusal(meant);
  }

  /** Returns true for an address that the configuration opens, whatever is there. */
  public boolean opens(InetAddress address) {
    return in(allowed, address.getAddress());
  }

  /** Returns the IPv4 address that an IPv6 address stands for; else the address itself. */
  public static InetAddress meant(InetAddress address) {
    byte[] bytes = address.getAddress();
    for (Embedding embedding : EMBEDDINGS) {
      if (embedding.range().contains(bytes)) {
        return four(bytes, embedding.offset());
      }
    }
    return isIsatap(bytes) ? four(bytes, 12) : address;
  }

  private static boolean isIsatap(byte[] bytes) {
    return bytes.length == 16
        && (bytes[8] & ~2) == ISATAP[0]
        && Arrays.equals(bytes, 9, 12, ISATAP, 1, 4);
  }

  private static InetAddress four(byte[] bytes, int offset) {
    try {
      return InetAddress.getByAddress(Arrays.copyOfRange(bytes, offset, offset + 4));
    } catch (java.net.UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }

  private static boolean in(List<Cidr> ranges, byte[] address) {
    for (Cidr range : ranges) {
      if (range.contains(address)) {
        return true;
      }
    }
    return false;
  }

  /** Returns whether a name of this machine ({@code localhost}) may be called. */
  boolean loopback() {
    return refusal(InetAddress.getLoopbackAddress()).isEmpty();
  }
}
