// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.notice.NoticeCursor;
import io.mtlsmigration.notice.NoticeCursors;
import io.mtlsmigration.rollout.RolloutLedger.StaleRecordException;
import io.mtlsmigration.rollout.RolloutLedger.UnavailableException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The cursors of notices in one ConfigMap of the service's own namespace, a key for each receiver.
 * A cursor's version is its stored text, so that receivers do not wait for each other: whoever
 * writes another key at the same time makes for one more attempt.
 */
public final class ClusterNoticeCursors implements NoticeCursors {

  static final String NAME = "mtls-migration-notices";

  private static final Duration REMEMBERED = Duration.ofDays(30);

  private static final int ATTEMPTS = 5;

  private final OwnConfigMap map;
  private final Set<String> receivers;
  private final Clock clock;

  /**
   * @param receivers those that are configured; what others were told is forgotten after {@link
   *     #REMEMBERED}, so that names that come and go do not fill the ConfigMap
   */
  public ClusterNoticeCursors(
      KubernetesClient client, String namespace, Set<String> receivers, Clock clock) {
    this.map = new OwnConfigMap(client, namespace, NAME);
    this.receivers = Set.copyOf(receivers);
    this.clock = clock;
  }

  @Override
  public Optional<Stored> load(String receiver) {
    String text = text(map.read(), receiver);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    NoticeCursor cursor =
        NoticeCursor.parse(text)
            .orElseThrow(
                () ->
                    new UnavailableException(
                        map
                            + " does not say what "
                            + receiver
                            + " was told: delete its key, and it is told what happens from then"
                            + " on"));
    return Optional.of(new Stored(cursor, text));
  }

  @Override
  public Stored save(String receiver, NoticeCursor cursor, String version) {
    String text = cursor.text();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      ConfigMap held = map.read();
      String now = text(held, receiver);
      // Already there: the answer to an earlier attempt was lost.
      if (now.equals(text)) {
        return new Stored(cursor, text);
      }
      if (!now.equals(version)) {
        throw new StaleRecordException("the cursor of " + receiver + " has moved");
      }
      if (write(held, receiver, text)) {
        return new Stored(cursor, text);
      }
    }
    throw new UnavailableException(map + " is changed all the time by others");
  }

  private static String text(@Nullable ConfigMap held, String receiver) {
    return OwnConfigMap.data(held).getOrDefault(receiver, "");
  }

  /** Returns whether nobody was first. */
  private boolean write(@Nullable ConfigMap held, String receiver, String text) {
    Map<String, String> data = new TreeMap<>(OwnConfigMap.data(held));
    data.entrySet().removeIf(other -> !receivers.contains(other.getKey()) && old(other.getValue()));
    data.put(receiver, text);
    return map.write(held, data).isPresent();
  }

  private boolean old(String text) {
    Instant oldest = clock.instant().minus(REMEMBERED);
    return NoticeCursor.parse(text).filter(cursor -> cursor.isOlderThan(oldest)).isPresent();
  }
}
