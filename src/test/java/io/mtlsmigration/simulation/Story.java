// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.WriteIntent;
import java.util.ArrayList;
import java.util.List;

/**
 * What has happened, in the order in which it did, for people. Empty unless somebody will read it.
 */
final class Story {

  private final boolean kept;
  private final List<String> lines = new ArrayList<>();

  Story(boolean kept) {
    this.kept = kept;
  }

  void tell(long now, String line) {
    if (kept) {
      lines.add(Happening.time(now) + " " + line);
    }
  }

  void person(long now, Happening happening) {
    if (kept) {
      tell(now, "* " + happening.what());
    }
  }

  void event(long now, String who, Event e) {
    if (kept) {
      String moved = e.to().isEmpty() ? "" : " " + e.from() + " → " + e.to();
      tell(
          now,
          "   %s: %s %s %s%s (%s) %s"
              .formatted(who, e.plan(), e.subject(), e.type(), moved, e.reason(), e.message()));
    }
  }

  void write(long now, String who, WriteIntent intent) {
    if (kept) {
      tell(
          now,
          "   %s WRITES %s %s: %s → %s"
              .formatted(
                  who,
                  intent.change().purpose(),
                  intent.change().ref(),
                  mode(intent.change().before()),
                  mode(intent.change().after())));
    }
  }

  private static String mode(io.mtlsmigration.mesh.PeerAuthentication.Spec spec) {
    return spec == null
        ? "nothing"
        : spec.mode() + (spec.portModes().isEmpty() ? "" : " " + spec.portModes());
  }

  @Override
  public String toString() {
    return String.join("\n", lines);
  }
}
