// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Determines which calls leave a pod past its sidecar, by the pod's annotations (istio
 * tools/istio-iptables/pkg/capture/run.go), which its reader has brought into line with what its
 * init container was told. Ranges of addresses count where they are all or none: no other is known
 * to have a Service's address before there is one.
 */
public final class OutboundCapture {

  private static final String PREFIX = "traffic.sidecar.istio.io/";
  public static final String EXCLUDED_PORTS = PREFIX + "excludeOutboundPorts";
  public static final String INCLUDED_PORTS = PREFIX + "includeOutboundPorts";
  public static final String EXCLUDED_RANGES = PREFIX + "excludeOutboundIPRanges";
  public static final String INCLUDED_RANGES = PREFIX + "includeOutboundIPRanges";

  public static final String MODE = "sidecar.istio.io/interceptionMode";

  /** The {@link #MODE} without any rules. */
  public static final String NONE = "NONE";

  private static final Set<String> EVERYWHERE = Set.of("0.0.0.0/0", "::/0");

  private static final int MAX_PORT = 65_535;

  /** By its text: a list may be long, and is asked about for each call. */
  private final Map<String, Items> lists = new ConcurrentHashMap<>();

  private record Items(BitSet ports, boolean everywhere) {

    static Items of(String text) {
      BitSet ports = new BitSet();
      boolean everywhere = false;
      for (String item : text.split(",", -1)) {
        String word = item.strip();
        everywhere |= EVERYWHERE.contains(word);
        if (isNumber(word) && Integer.parseInt(word) <= MAX_PORT) {
          ports.set(Integer.parseInt(word));
        }
      }
      return new Items(ports, everywhere);
    }

    private static boolean isNumber(String word) {
      return !word.isEmpty()
          && word.length() <= 5
          && word.chars().allMatch(c -> c >= '0' && c <= '9');
    }
  }

  /** Returns whether an annotation may keep some calls of a pod from its sidecar. */
  public static boolean partial(Pod pod) {
    return pod.dataPlane() == DataPlane.SIDECAR && !annotations(pod).isEmpty();
  }

  /** Returns the annotations of a pod that keep some call from a sidecar; most keep none. */
  public static Map<String, String> annotations(Pod pod) {
    Map<String, String> own = new HashMap<>();
    pod.annotations()
        .forEach(
            (annotation, value) -> {
              boolean matters =
                  switch (annotation) {
                    case MODE -> value.equals(NONE);
                    case EXCLUDED_PORTS -> !value.isBlank();
                    case EXCLUDED_RANGES -> Items.of(value).everywhere();
                    case INCLUDED_RANGES -> value.isBlank();
                    case INCLUDED_PORTS ->
                        pod.annotations().getOrDefault(INCLUDED_RANGES, "*").isBlank();
                    default -> false;
                  };
              if (matters) {
                own.put(annotation, value);
              }
            });
    return own;
  }

  /**
   * Returns whether a call by the application of a pod with a sidecar does not reach the sidecar.
   *
   * @param port that the application calls: the Service's
   */
  public boolean bypasses(Pod client, int port) {
    if (NONE.equals(client.annotations().get(MODE))
        || items(client, EXCLUDED_PORTS).ports().get(port)
        || items(client, EXCLUDED_RANGES).everywhere()) {
      return true;
    }
    String included = client.annotations().get(INCLUDED_RANGES);
    return included != null
        && included.isBlank()
        && !items(client, INCLUDED_PORTS).ports().get(port);
  }

  private Items items(Pod client, String annotation) {
    return lists.computeIfAbsent(client.annotations().getOrDefault(annotation, ""), Items::of);
  }
}
