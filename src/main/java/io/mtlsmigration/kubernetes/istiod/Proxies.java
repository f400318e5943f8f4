// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.istiod;

import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Proxies by a place (namespace or node) and a name. Immutable once built. */
final class Proxies {

  static final Proxies NONE = new Proxies();

  private final Map<String, Map<String, Proxy>> places = new HashMap<>();

  /** Returns the proxies shown at {@code begun}, and those seen before, since {@code horizon}. */
  static Proxies of(
      Map<String, Map<String, Shown>> shown, Instant begun, Proxies before, Instant horizon) {
    Proxies next = new Proxies();
    shown.forEach(
        (place, names) -> {
          Map<String, Proxy> here = HashMap.newHashMap(names.size());
          names.forEach((name, seen) -> here.put(name, proxy(seen, begun)));
          next.places.put(place, here);
        });
    before.places.forEach(
        (place, names) ->
            names.forEach(
                (name, old) -> {
                  // Of the future: the clock was set back, and nobody knows how old it is.
                  if (!old.followedAt().isBefore(horizon) && !old.followedAt().isAfter(begun)) {
                    next.remember(place, name, old);
                  }
                }));
    return next;
  }

  private static Proxy proxy(Shown seen, Instant begun) {
    return switch (seen.state()) {
      case FOLLOWS -> new Proxy(true, begun, seen.madeAt());
      case BEHIND, ABSENT -> Proxy.behind();
      case NOWHERE -> Proxy.behind().elsewhere();
    };
  }

  /** Returns those that are there. */
  Proxies within(Map<String, Map<String, Shown>> there) {
    Proxies kept = new Proxies();
    places.forEach(
        (place, names) -> {
          Map<String, Proxy> here = new HashMap<>(names);
          here.keySet().retainAll(there.getOrDefault(place, Map.of()).keySet());
          kept.places.put(place, here);
        });
    return kept;
  }

  private void remember(String place, String name, Proxy old) {
    places
        .computeIfAbsent(place, p -> new HashMap<>())
        .merge(name, old.elsewhere(), (now, before) -> now.with(before));
  }

  @Nullable Proxy get(String place, String name) {
    Map<String, Proxy> here = places.get(place);
    return here == null ? null : here.get(name);
  }

  Collection<Proxy> at(String place) {
    return places.getOrDefault(place, Map.of()).values();
  }
}
