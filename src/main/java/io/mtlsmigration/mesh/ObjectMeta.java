// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The metadata of an object that the core reads.
 *
 * @param resourceVersion opaque; empty when the object was read from a file
 * @param owners the managers of the object's fields, from {@code managedFields}; empty when unknown
 * @param held whether a finalizer keeps the object after its deletion: istiod obeys a policy until
 *     it is gone
 */
public record ObjectMeta(
    ObjectRef ref,
    String uid,
    String resourceVersion,
    Instant createdAt,
    Map<String, String> labels,
    Map<String, String> annotations,
    List<FieldOwner> owners,
    boolean held) {

  private static final List<String> CONTROLLER_KEYS =
      List.of(
          "argocd.argoproj.io/",
          "kustomize.toolkit.fluxcd.io/",
          "helm.toolkit.fluxcd.io/",
          "meta.helm.sh/");

  public ObjectMeta {
    labels = Map.copyOf(labels);
    annotations = Map.copyOf(annotations);
    owners = List.copyOf(owners);
  }

  /** The metadata of an object without finalizers. */
  public ObjectMeta(
      ObjectRef ref,
      String uid,
      String resourceVersion,
      Instant createdAt,
      Map<String, String> labels,
      Map<String, String> annotations,
      List<FieldOwner> owners) {
    this(ref, uid, resourceVersion, createdAt, labels, annotations, owners, false);
  }

  /** Returns UID and resource version, separated by a blank: equal for an unchanged object. */
  public String version() {
    return version(uid, resourceVersion);
  }

  /** Returns the {@link #version()} of an object of which only this is known. */
  public static String version(String uid, String resourceVersion) {
    return uid + " " + resourceVersion;
  }

  public String namespace() {
    return ref.namespace();
  }

  public String name() {
    return ref.name();
  }

  /**
   * Returns the label or annotation of Helm, Argo CD or Flux that shows that the object is
   * controlled: a controller would restore its own version. Null when there is none.
   */
  public @Nullable String controllerMark() {
    if ("Helm".equalsIgnoreCase(labels.get("app.kubernetes.io/managed-by"))) {
      return "Helm (label app.kubernetes.io/managed-by)";
    }
    return Stream.of(labels, annotations)
        .flatMap(marks -> marks.keySet().stream().sorted())
        .filter(key -> CONTROLLER_KEYS.stream().anyMatch(key::startsWith))
        .findFirst()
        .map(key -> "the controller that set " + key)
        .orElse(null);
  }

  /**
   * Returns the time after which the spec has not changed; before, it may have been different. The
   * times of owners that have left are lost with them.
   */
  public Instant specChangedAt() {
    Instant latest = createdAt;
    for (FieldOwner owner : owners) {
      Instant changed = owner.changedAt();
      if (owner.ownsSpec() && changed != null && changed.isAfter(latest)) {
        latest = changed;
      }
    }
    return latest;
  }

  /**
   * One entry of {@code metadata.managedFields}.
   *
   * @param ownsMode true when {@code f:spec} → {@code f:mtls} → {@code f:mode} is among its fields
   * @param ownsSpec true when any field below {@code f:spec} is among its fields
   * @param person whether the manager stands for a person, not for a controller that would restore
   *     its own version
   * @param changedAt the time of the last change to a field of its own; null when unknown
   */
  public record FieldOwner(
      String manager,
      boolean ownsSpec,
      boolean ownsMode,
      boolean person,
      @Nullable Instant changedAt) {

    /**
     * Prefixes of field managers that stand for people: kubectl and its commands ({@code
     * kubectl-edit}).
     */
    public static final List<String> PERSONS = List.of("kubectl");

    /** An owner, with the default prefixes for persons. */
    public FieldOwner(String manager, boolean ownsSpec, boolean ownsMode) {
      this(manager, ownsSpec, ownsMode, PERSONS);
    }

    /**
     * An owner, where managers with these prefixes are persons.
     *
     * @param persons prefixes
     */
    public FieldOwner(String manager, boolean ownsSpec, boolean ownsMode, List<String> persons) {
      this(manager, ownsSpec, ownsMode, isPerson(manager, persons), null);
    }

    /** Returns whether a manager stands for a person, given the prefixes of those that do. */
    public static boolean isPerson(String manager, List<String> persons) {
      return persons.stream().anyMatch(manager::startsWith);
    }

    /** Returns the same owner without the mode. */
    public FieldOwner withoutMode() {
      return new FieldOwner(manager, ownsSpec, false, person, changedAt);
    }

    /** Returns the same owner with the time of its last change; null when unknown. */
    public FieldOwner changedAt(@Nullable Instant time) {
      return new FieldOwner(manager, ownsSpec, ownsMode, person, time);
    }
  }
}
