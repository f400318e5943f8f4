package io.mtlsmigration.manifest;

import java.util.HashMap;
import java.util.Map;

/**
 * The parts of a kind's objects that no reader of this package looks at. Whoever decodes many
 * objects may skip them: of a pod that is nine tenths of the bytes.
 *
 * <p>Named is only what is large and never read. A part that is not named costs some time; one that
 * is named although it is read would be evidence that is missing, so a reader that begins to look
 * at a part has to take it out here.
 */
public final class UnreadFields {

  private static final UnreadFields NOTHING = new UnreadFields(Map.of());
  private static final UnreadFields ALL = new UnreadFields(Map.of());

  private static final String MANAGED_FIELDS = "metadata managedFields";
  private static final String LAST_APPLIED =
      "metadata annotations kubectl.kubernetes.io/last-applied-configuration";

  /** For Namespaces, and for all kinds that have nothing else that is large. */
  public static final UnreadFields METADATA = of(MANAGED_FIELDS, LAST_APPLIED);

  public static final UnreadFields POD =
      of(
          MANAGED_FIELDS,
          LAST_APPLIED,
          "spec affinity",
          "spec tolerations",
          "spec topologySpreadConstraints",
          "spec volumes",
          "spec containers env",
          "spec containers envFrom",
          "spec containers resources",
          "spec containers volumeDevices",
          "spec containers volumeMounts",
          "spec initContainers env",
          "spec initContainers envFrom",
          "spec initContainers resources",
          "spec initContainers volumeDevices",
          "spec initContainers volumeMounts",
          "status containerStatuses",
          "status ephemeralContainerStatuses",
          "status initContainerStatuses");

  /** Who manages a PeerAuthentication is read from its managedFields. */
  public static final UnreadFields PEER_AUTHENTICATION = of(LAST_APPLIED, "status");

  /** Beside the mesh's configuration stand the injector's templates. */
  public static final UnreadFields CONFIG_MAP =
      of(MANAGED_FIELDS, LAST_APPLIED, "binaryData", "data config", "data values");

  /** Of a CustomResourceDefinition the schemas of all versions are hundreds of kilobytes. */
  public static final UnreadFields CUSTOM_RESOURCE_DEFINITION =
      of(MANAGED_FIELDS, LAST_APPLIED, "spec versions", "spec names", "status");

  /** The bundle is as large as all the rest. */
  public static final UnreadFields WEBHOOKS =
      of(MANAGED_FIELDS, LAST_APPLIED, "webhooks clientConfig caBundle", "webhooks rules");

  public static final UnreadFields API_SERVICE =
      of(MANAGED_FIELDS, LAST_APPLIED, "spec caBundle", "status");

  /** Of a Job and a CronJob the pods' labels and annotations are read. */
  public static final UnreadFields JOB =
      of(
          MANAGED_FIELDS,
          LAST_APPLIED,
          "spec template spec containers",
          "spec template spec initContainers",
          "spec template spec volumes",
          "spec jobTemplate spec template spec containers",
          "spec jobTemplate spec template spec initContainers",
          "spec jobTemplate spec template spec volumes");

  private final Map<String, UnreadFields> below;

  private UnreadFields(Map<String, UnreadFields> below) {
    this.below = below;
  }

  /** Paths of field names; lists on the way are not named. */
  private static UnreadFields of(String... paths) {
    UnreadFields root = new UnreadFields(new HashMap<>());
    for (String path : paths) {
      UnreadFields at = root;
      String[] fields = path.split(" ");
      for (int i = 0; i < fields.length - 1; i++) {
        at = at.below.computeIfAbsent(fields[i], f -> new UnreadFields(new HashMap<>()));
      }
      at.below.put(fields[fields.length - 1], ALL);
    }
    return root;
  }

  /** What is not read below a field of an object, or of the objects of a list. */
  public UnreadFields below(String field) {
    return below.getOrDefault(field, NOTHING);
  }

  /** True when nothing of the value is read. */
  @SuppressWarnings("ReferenceEquality") // one object stands for it
  public boolean all() {
    return this == ALL;
  }
}
