// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.mesh.Pod;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which logs are forgotten when there are more than can be remembered. */
final class LogTurnTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  private final Map<String, LogTurn> turns = new HashMap<>();

  private void log(String namespace, String name, boolean ended, int second) {
    Pod pod = namespace(namespace).with(sidecarPod(name)).build().pods().getFirst();
    LogTurn turn =
        new LogTurn(
            pod,
            new ProxyLog<>(path -> "", LogTurn.PLAINTEXT, false, pod, NOON),
            NOON.plusSeconds(second));
    turn.ended = ended ? NOON.plusSeconds(second) : null;
    turns.put(namespace + "/" + name, turn);
  }

  /** A ended first of all; it is not of the namespace that makes so many. */
  @Test
  void forgetsTheOldestOfTheNamespaceWithTheMost() {
    log("foo", "a", true, 0);
    log("noisy", "b", true, 1);
    log("noisy", "c", true, 2);
    log("noisy", "d", false, 3);

    assertEquals(Set.of("noisy/b"), LogTurn.surplus(turns, 3).keySet());
    assertEquals(Set.of(), LogTurn.surplus(turns, 4).keySet());
  }

  @Test
  void forgetsNoLogOfAPodThatExists() {
    log("noisy", "c", true, 2);
    log("noisy", "d", false, 3);
    log("noisy", "e", false, 3);

    assertEquals(Set.of("noisy/c"), LogTurn.surplus(turns, 1).keySet());
  }

  /** The largest namespace has nothing to give. */
  @Test
  void goesOnWithTheNextNamespace() {
    for (String name : Set.of("a", "b", "c", "d")) {
      log("large", name, false, 0);
    }
    log("noisy", "a", true, 1);
    log("noisy", "b", true, 2);
    log("noisy", "c", true, 3);

    assertEquals(Set.of("noisy/a"), LogTurn.surplus(turns, 4).keySet());
  }
}
