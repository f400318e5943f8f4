// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Passes an informer's objects on to the ledger as they arrive, and keeps only what the informer
 * itself needs: the objects' keys and versions. So no object is stored twice, and once the informer
 * has synced, the ledger has seen everything.
 */
final class ObjectFeed implements ItemStore<GenericKubernetesResource> {

  private final Consumer<GenericKubernetesResource> seen;
  private final Consumer<String> gone;
  private final Map<String, String> versions = new ConcurrentHashMap<>();

  /**
   * Creates a feed.
   *
   * @param gone receives names
   */
  ObjectFeed(Consumer<GenericKubernetesResource> seen, Consumer<String> gone) {
    this.seen = seen;
    this.gone = gone;
  }

  /** Returns the name: each kind lives in one namespace, or in none. */
  @Override
  public String getKey(GenericKubernetesResource object) {
    return object.getMetadata().getName();
  }

  @Override
  public @Nullable GenericKubernetesResource put(String key, GenericKubernetesResource object) {
    GenericKubernetesResource old = get(key);
    versions.put(key, object.getMetadata().getResourceVersion());
    seen.accept(object);
    return old;
  }

  @Override
  public @Nullable GenericKubernetesResource remove(String key) {
    GenericKubernetesResource old = get(key);
    versions.remove(key);
    gone.accept(key);
    return old;
  }

  @Override
  public Stream<String> keySet() {
    return versions.keySet().stream();
  }

  @Override
  public Stream<GenericKubernetesResource> values() {
    return versions.entrySet().stream().map(e -> shell(e.getKey(), e.getValue()));
  }

  @Override
  public int size() {
    return versions.size();
  }

  @Override
  public @Nullable GenericKubernetesResource get(String key) {
    String version = versions.get(key);
    return version == null ? null : shell(key, version);
  }

  private static GenericKubernetesResource shell(String name, String version) {
    GenericKubernetesResource shell = new GenericKubernetesResource();
    shell.setMetadata(new ObjectMetaBuilder().withName(name).withResourceVersion(version).build());
    return shell;
  }
}
