// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The parts of a kind's objects that no reader of this package uses. A decoder of many objects may
 * skip them: of a pod they are nine tenths of the bytes.
 *
 * <p>Only large, unread parts are listed. An unlisted part costs some time, whereas a listed part
 * that is read after all would be missing evidence; so a reader that starts to read a part has to
 * remove it here.
 */
public final class UnreadFields {

  private static final UnreadFields NOTHING = new UnreadFields(Map.of());
  private static final UnreadFields ALL = new UnreadFields(Map.of());

  private static final String MANAGED_FIELDS = "metadata managedFields";
  private static final String LAST_APPLIED =
      "metadata annotations kubectl.kubernetes.io/last-applied-configuration";

  /** For Namespaces, and for all kinds without other large parts. */
  public static final UnreadFields METADATA = of(MANAGED_FIELDS, LAST_APPLIED);

  public static final UnreadFields POD =
      ofPods(
          "spec",
          Stream.of("containerStatuses ", "initContainerStatuses ")
              .flatMap(
                  containers ->
                      Stream.of(
                              "containerID",
                              "image",
                              "imageID",
                              "lastState terminated message",
                              "resources",
                              "state running",
                              "state terminated",
                              "state waiting message",
                              "volumeMounts")
                          .map(field -> "status " + containers + field))
              .toArray(String[]::new));

  /** The managers of a PeerAuthentication are read from its managedFields. */
  public static final UnreadFields PEER_AUTHENTICATION = of(LAST_APPLIED, "status");

  /** The injector's templates are stored beside the mesh's configuration. */
  public static final UnreadFields CONFIG_MAP =
      of(MANAGED_FIELDS, LAST_APPLIED, "binaryData", "data config", "data values");

  /** The schemas of all versions of a CustomResourceDefinition take hundreds of kilobytes. */
  public static final UnreadFields CUSTOM_RESOURCE_DEFINITION =
      of(MANAGED_FIELDS, LAST_APPLIED, "spec versions", "spec names", "status");

  /** The bundle is as large as all the rest. */
  public static final UnreadFields WEBHOOKS =
      of(MANAGED_FIELDS, LAST_APPLIED, "webhooks clientConfig caBundle", "webhooks rules");

  public static final UnreadFields API_SERVICE =
      of(MANAGED_FIELDS, LAST_APPLIED, "spec caBundle", "status");

  public static final UnreadFields CRON_JOB = ofPods("spec jobTemplate spec template spec");

  public static final UnreadFields JOB = ofPods("spec template spec");

  private final Map<String, UnreadFields> below;

  private UnreadFields(Map<String, UnreadFields> below) {
    this.below = below;
  }

  /** Returns those of an object with a PodSpec at {@code spec}, and {@code others}. */
  private static UnreadFields ofPods(String spec, String... others) {
    Stream<String> unread =
        Stream.of(
                "affinity",
                "tolerations",
                "topologySpreadConstraints",
                "volumes",
                "containers env",
                "containers envFrom",
                "containers resources",
                "containers volumeDevices",
                "containers volumeMounts",
                "initContainers env",
                "initContainers envFrom",
                "initContainers resources",
                "initContainers volumeDevices",
                "initContainers volumeMounts")
            .map(field -> spec + " " + field);
    return of(
        Stream.of(Stream.of(MANAGED_FIELDS, LAST_APPLIED), unread, Stream.of(others))
            .flatMap(paths -> paths)
            .toArray(String[]::new));
  }

  /** Returns the fields at paths of names; lists on the way have no name. */
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

  /** Returns the unread parts of a field's value, or of the objects of a list. */
  public UnreadFields below(String field) {
    return below.getOrDefault(field, NOTHING);
  }

  /** Returns whether the whole value is unread. */
  @SuppressWarnings("ReferenceEquality") // a singleton
  public boolean all() {
    return this == ALL;
  }
}
