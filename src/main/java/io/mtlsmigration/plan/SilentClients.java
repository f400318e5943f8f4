// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.traffic.ClientCalls;
import io.mtlsmigration.traffic.ClientCalls.Silence;
import io.mtlsmigration.traffic.WindowStudy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Clients that were seen to be silent for as long as the plaintext window, and to call again: in
 * between the gate would have passed. Those that a plan says may fail ({@code
 * verification.ignoreClients}) are left out.
 */
public final class SilentClients {

  private SilentClients() {}

  private static boolean longEnough(Silence silence, Duration window) {
    return silence.length().compareTo(window) >= 0;
  }

  /**
   * Returns a sentence for each client, in the order of the study.
   *
   * @param namespace of the servers
   */
  public static List<String> warnings(String namespace, WindowStudy study, PlanSpec spec) {
    List<String> warnings = new ArrayList<>();
    for (ClientCalls client : study.clients()) {
      Silence silence = client.seen();
      if (silence != null
          && longEnough(silence, spec.gates().plaintextWindow())
          && !RareClients.ignored(spec, client.client().id())) {
        warnings.add(warning(namespace, client, silence, study.history().step(), spec));
      }
    }
    return warnings;
  }

  private static String warning(
      String namespace, ClientCalls client, Silence silence, Duration step, PlanSpec spec) {
    Duration window = spec.gates().plaintextWindow();
    boolean certain = longEnough(silence, window.plus(step));
    return "%s did not call %s for %s, from %s to %s, and then called again: a plaintext window of %s %s have locked it out"
        .formatted(
            client.client().id(),
            namespace,
            words(silence.length()),
            silence.from(),
            silence.until(),
            window,
            certain ? "would" : "may");
  }

  private static String words(Duration length) {
    return length.toHours() < 48
        ? "about " + length.toHours() + (length.toHours() == 1 ? " hour" : " hours")
        : "about " + Math.round(length.toHours() / 24.0) + " days";
  }
}
