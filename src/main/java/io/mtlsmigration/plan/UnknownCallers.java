// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/** Gaps in the evidence of plaintext clients, in words: silence never means "nobody". */
final class UnknownCallers {

  private UnknownCallers() {}

  static List<String> of(String namespace, Evidence<NamespaceTraffic> evidence) {
    String who = "who sends plaintext to " + namespace + " is not known";
    return switch (evidence) {
      case Evidence.Measured<NamespaceTraffic>(var traffic, var asOf) ->
          measured(traffic, asOf.minus(PlanSpec.Gates.DEFAULT.plaintextWindow()));
      case Evidence.NoSamples<NamespaceTraffic>(var asOf, var detail) ->
          List.of(
              "%s: there is not one sample (%s), so either nobody called, or nobody measures"
                  .formatted(who, detail));
      case Evidence.Unavailable<NamespaceTraffic>(var reason, var detail) ->
          List.of(
              "%s (%s: %s); that is not to say that nobody does"
                  .formatted(
                      who, reason.name().toLowerCase(Locale.ROOT).replace('_', ' '), detail));
    };
  }

  private static List<String> measured(NamespaceTraffic traffic, Instant from) {
    List<String> unknown = new ArrayList<>();
    if (traffic.plaintext().stream().anyMatch(edge -> edge.port() == 0)) {
      unknown.add("the evidence does not tell to which port plaintext was sent");
    }
    if (traffic.plaintext().stream().anyMatch(edge -> edge.client().id().equals("unknown"))) {
      unknown.add("some clients are known neither by name nor by address");
    }
    new TreeMap<>(traffic.watched())
        .forEach(
            (server, watch) -> {
              if (watch.since() == null) {
                unknown.add("nobody watches what " + server.id() + " takes: " + watch.detail());
              } else if (!watch.covers(from)) {
                unknown.add(
                    "who called " + server.id() + " before " + watch.since() + " is not known");
              }
            });
    return unknown;
  }
}
