package io.mtlsmigration.mesh;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

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

  /** UID and resource version, parted by a blank: equal for the same object unchanged. */
  public String version() {
    return uid + " " + resourceVersion;
  }

  public String namespace() {
    return ref.namespace();
  }

  public String name() {
    return ref.name();
  }

  /**
   * By which mark of Helm, Argo CD or Flux the object is known to be controlled: a controller that
   * would put its own version back. Null when it bears none.
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
   * Before this time the spec may have said something else; afterwards it has not changed. Owners
   * that have left take their time with them.
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
   * @param person whether the manager stands for a person, and not for a controller that would put
   *     its own version back
   * @param changedAt when it last changed a field of its own; null when that is not known
   */
  public record FieldOwner(
      String manager,
      boolean ownsSpec,
      boolean ownsMode,
      boolean person,
      @Nullable Instant changedAt) {

    /**
     * Field managers of people, by prefix: kubectl's own and its commands' ({@code kubectl-edit}).
     */
    public static final List<String> PERSONS = List.of("kubectl");

    /** With the usual persons. */
    public FieldOwner(String manager, boolean ownsSpec, boolean ownsMode) {
      this(manager, ownsSpec, ownsMode, PERSONS);
    }

    /**
     * As somebody sees it for whom managers with these prefixes are persons.
     *
     * @param persons prefixes
     */
    public FieldOwner(String manager, boolean ownsSpec, boolean ownsMode, List<String> persons) {
      this(manager, ownsSpec, ownsMode, isPerson(manager, persons), null);
    }

    /** Whether a manager stands for a person, when those with these prefixes do. */
    public static boolean isPerson(String manager, List<String> persons) {
      return persons.stream().anyMatch(manager::startsWith);
    }

    /** The same owner without the mode. */
    public FieldOwner withoutMode() {
      return new FieldOwner(manager, ownsSpec, false, person, changedAt);
    }

    /** The same owner, that has changed something at this time; null when that is not known. */
    public FieldOwner changedAt(@Nullable Instant time) {
      return new FieldOwner(manager, ownsSpec, ownsMode, person, time);
    }
  }
}
