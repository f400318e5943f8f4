package io.mtlsmigration.rollout;

import io.mtlsmigration.plan.PlanSpec.IgnoredClient;
import io.mtlsmigration.traffic.Caller;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Clients that may fail while a lock is verified. */
record IgnoredClients(List<IgnoredClient> entries) {

  private static final Pattern LITERAL = Pattern.compile("[0-9a-fA-F:.]+");

  boolean ignores(Caller caller) {
    for (IgnoredClient entry : entries) {
      if (entry.workload() != null && entry.workload().equals(caller.id())) {
        return true;
      }
      if (entry.cidr() != null && contains(entry.cidr(), caller.address())) {
        return true;
      }
    }
    return false;
  }

  /** {@code workload} is {@code namespace/name}. */
  boolean ignores(String workload) {
    for (IgnoredClient entry : entries) {
      if (workload.equals(entry.workload())) {
        return true;
      }
    }
    return false;
  }

  /** False for anything that is not an address: an unknown peer is never ignored. */
  static boolean contains(String cidr, String address) {
    int slash = cidr.indexOf('/');
    byte[] network = bytes(slash < 0 ? cidr : cidr.substring(0, slash));
    byte[] peer = bytes(address);
    if (network == null || peer == null || network.length != peer.length) {
      return false;
    }
    int bits = slash < 0 ? network.length * 8 : prefix(cidr.substring(slash + 1));
    if (bits < 0 || bits > network.length * 8) {
      return false;
    }
    for (int i = 0; i < bits; i++) {
      int mask = 0x80 >> (i % 8);
      if ((network[i / 8] & mask) != (peer[i / 8] & mask)) {
        return false;
      }
    }
    return true;
  }

  private static int prefix(String text) {
    return text.matches("\\d{1,3}") ? Integer.parseInt(text) : -1;
  }

  private static byte @Nullable [] bytes(String address) {
    // Only literals: a name would be looked up on the network.
    if (address.isEmpty() || !LITERAL.matcher(address).matches()) {
      return null;
    }
    try {
      return InetAddress.getByName(address).getAddress();
    } catch (UnknownHostException e) {
      return null;
    }
  }
}
