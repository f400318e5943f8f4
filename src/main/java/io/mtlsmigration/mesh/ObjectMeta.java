package io.mtlsmigration.mesh;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What the core reads of an object's metadata.
 *
 * @param resourceVersion opaque; empty when the object was read from a file
 * @param owners who manages which part of the object, from {@code managedFields}; empty when
 *     unknown
 */
public record ObjectMeta(
    ObjectRef ref,
    String uid,
    String resourceVersion,
    Instant createdAt,
    Map<String, String> labels,
    Map<String, String> annotations,
    List<FieldOwner> owners) {

  public ObjectMeta {
    labels = Map.copyOf(labels);
    annotations = Map.copyOf(annotations);
    owners = List.copyOf(owners);
  }

  public String namespace() {
    return ref.namespace();
  }

  public String name() {
    return ref.name();
  }

  /**
   * One entry of {@code metadata.managedFields}.
   *
   * @param ownsMode true when {@code f:spec} → {@code f:mtls} → {@code f:mode} is among its fields
   * @param ownsSpec true when any field below {@code f:spec} is among its fields
   */
  public record FieldOwner(String manager, boolean ownsSpec, boolean ownsMode) {}
}
