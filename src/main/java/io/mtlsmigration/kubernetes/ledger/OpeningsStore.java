// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toSet;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.kubernetes.resource.ResourceJson;
import io.mtlsmigration.kubernetes.resource.ResourceJson.MalformedException;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.OpeningsRecord;
import io.mtlsmigration.rollout.RolloutLedger.StaleRecordException;
import io.mtlsmigration.rollout.RolloutLedger.UnavailableException;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The record of openings in a ConfigMap of the service's own namespace, with a line for each
 * namespace: {@code closing} of a namespace and a digest, {@code lagging} of a namespace, and
 * {@code opened} of a namespace and a time. When that would be too large for an object, the lines
 * are packed.
 */
final class OpeningsStore {

  static final String NAME = "mtls-migration-openings";

  private static final String CLOSING = "closing";
  private static final String OPENED = "opened";
  private static final String LAGGING = "lagging";

  /** All of the others, as {@link ResourceJson#pack} has written them. */
  private static final String PACKED = "packed";

  /** The number of characters beyond which it is packed; the API server takes 1 MiB. */
  private static final int READABLE = 768 << 10;

  private static final Duration RECENT = Duration.ofSeconds(10);

  private final OwnConfigMap map;

  /** As it was read or written last, for the next write. */
  private @Nullable ConfigMap held;

  private volatile OpeningsRecord recent = OpeningsRecord.NONE;
  private final Object asking = new Object();
  private Instant asked = Instant.MIN;

  /** The lines. */
  @RegisterForReflection
  record Lines(@Nullable String closing, @Nullable String lagging, @Nullable String opened) {
    Map<String, String> data() {
      Map<String, String> data = new HashMap<>();
      data.put(CLOSING, closing == null ? "" : closing);
      data.put(LAGGING, lagging == null ? "" : lagging);
      data.put(OPENED, opened == null ? "" : opened);
      return data;
    }
  }

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
    Lines lines =
        new Lines(lines(next.closing()), String.join("\n", next.lagging()), lines(next.opened()));
    Map<String, String> plain = lines.data();
    boolean large = plain.values().stream().mapToInt(String::length).sum() > READABLE;
    Map<String, String> data = large ? Map.of(PACKED, ResourceJson.pack(lines)) : plain;
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
    Map<String, String> data = unpacked(OwnConfigMap.data(stored));
    Map<String, Instant> opened = new HashMap<>();
    words(data, OPENED).forEach((namespace, text) -> opened.put(namespace, time(text)));
    return new OpeningsRecord(
        version(stored),
        words(data, CLOSING),
        data.getOrDefault(LAGGING, "").lines().collect(toSet()),
        opened);
  }

  private Map<String, String> unpacked(Map<String, String> data) {
    String packed = data.get(PACKED);
    if (packed == null) {
      return data;
    }
    try {
      return ResourceJson.unpack(packed, Lines.class).data();
    } catch (MalformedException e) {
      UnavailableException told = unreadable(PACKED);
      told.initCause(e);
      throw told;
    }
  }

  private static String lines(Map<String, ?> words) {
    return words.entrySet().stream()
        .map(entry -> entry.getKey() + " " + entry.getValue())
        .collect(joining("\n"));
  }

  private Map<String, String> words(Map<String, String> data, String key) {
    Map<String, String> all = new HashMap<>();
    for (String line : data.getOrDefault(key, "").lines().toList()) {
      String[] words = line.split(" ", 2);
      if (words.length < 2) {
        throw unreadable(line);
      }
      all.put(words[0], words[1]);
    }
    return all;
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
        "%s is unreadable at: %s. Mend it; or delete it, and silence begins anew in every namespace"
            .formatted(map, line));
  }
}
