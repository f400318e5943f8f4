// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.mapping;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.OpeningsRecord;
import io.mtlsmigration.rollout.RolloutLedger.StaleRecordException;
import io.mtlsmigration.rollout.RolloutLedger.UnavailableException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The record of openings in a ConfigMap of the service's own namespace: a key for each kind with a
 * line {@code namespace/name} for each object, {@code lagging} with a line for each namespace, and
 * {@code opened} with lines {@code namespace time}. With names of usual length it holds some 20,000
 * of them.
 */
final class OpeningsStore {

  static final String NAME = "mtls-migration-openings";

  private static final String OPENED = "opened";
  private static final String LAGGING = "lagging";

  private static final Duration RECENT = Duration.ofSeconds(10);

  private final OwnConfigMap map;

  /** As it was read or written last, for the next write. */
  private @Nullable ConfigMap held;

  private volatile OpeningsRecord recent = OpeningsRecord.NONE;
  private final Object asking = new Object();
  private Instant asked = Instant.MIN;

  OpeningsStore(KubernetesClient client, String namespace) {
    this.map = new OwnConfigMap(client, namespace, NAME);
  }

  /** Returns what was read or written last. */
  OpeningsRecord recent() {
    return recent;
  }

  /** Returns whether to read it again, to one caller in ten seconds; never waits for a read. */
  boolean outdated(Instant now) {
    synchronized (asking) {
      boolean due = Limits.old(asked, RECENT, now);
      asked = due ? now : asked;
      return due;
    }
  }

  synchronized OpeningsRecord read() {
    held = map.read();
    recent = record(held);
    return recent;
  }

  synchronized OpeningsRecord save(OpeningsRecord next) {
    if (!version(held).equals(next.version())) {
      throw new StaleRecordException(map + " has changed");
    }
    Map<String, String> data =
        next.closing().stream()
            .collect(
                groupingBy(
                    ObjectRef::kind,
                    TreeMap::new,
                    mapping(ref -> ref.namespace() + "/" + ref.name(), joining("\n"))));
    data.put(LAGGING, String.join("\n", next.lagging()));
    data.put(
        OPENED,
        next.opened().entrySet().stream()
            .map(entry -> entry.getKey() + " " + entry.getValue())
            .collect(joining("\n")));
    held =
        map.write(held, data)
            .orElseThrow(() -> new StaleRecordException(map + " was changed by somebody else"));
    recent = next.withVersion(version(held));
    return recent;
  }

  private static String version(@Nullable ConfigMap held) {
    return held == null ? "" : held.getMetadata().getResourceVersion();
  }

  private OpeningsRecord record(@Nullable ConfigMap stored) {
    Set<ObjectRef> closing = new HashSet<>();
    Set<String> lagging = new HashSet<>();
    Map<String, Instant> opened = new HashMap<>();
    OwnConfigMap.data(stored)
        .forEach(
            (key, lines) -> {
              for (String line : lines.lines().toList()) {
                switch (key) {
                  case LAGGING -> lagging.add(line);
                  case OPENED -> {
                    String[] words = words(line, " ");
                    opened.put(words[0], time(words[1]));
                  }
                  default -> {
                    String[] words = words(line, "/");
                    closing.add(new ObjectRef(key, words[0], words[1]));
                  }
                }
              }
            });
    return new OpeningsRecord(version(stored), closing, lagging, opened);
  }

  private String[] words(String line, String by) {
    String[] words = line.split(by, 2);
    if (words.length < 2) {
      throw unreadable(line);
    }
    return words;
  }

  private Instant time(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      UnavailableException told = unreadable(text);
      told.initCause(e);
      throw told;
    }
  }

  private UnavailableException unreadable(String line) {
    return new UnavailableException(
        map
            + " is unreadable at: "
            + line
            + ". Mend it; or delete it, and STRICT that was deleted while no leader looked is"
            + " forgotten");
  }
}
