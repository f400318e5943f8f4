// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.inventory;

import java.util.List;

/**
 * The API path of a kind.
 *
 * @param group empty for the core group
 * @param versions in order of preference: the first that the server knows is read
 * @param optional true for a kind that need not be installed: where the server knows none of the
 *     versions, it has no objects. A refused read is an error all the same
 */
record Resource(String kind, String group, List<String> versions, String plural, boolean optional) {

  static Resource of(String kind, String group, String plural, String... versions) {
    return new Resource(kind, group, List.of(versions), plural, false);
  }

  static Resource optional(String kind, String group, String plural, String... versions) {
    return new Resource(kind, group, List.of(versions), plural, true);
  }

  String apiVersion(String version) {
    return group.isEmpty() ? version : group + "/" + version;
  }

  /** Returns {@code plural.group}, as kubectl and RBAC's documentation name it. */
  String fullName() {
    return group.isEmpty() ? plural : plural + "." + group;
  }

  /**
   * Returns the path of the collection.
   *
   * @param namespace empty for all namespaces
   */
  String path(String version, String namespace) {
    String base = group.isEmpty() ? "api/" + version : "apis/" + apiVersion(version);
    return namespace.isEmpty()
        ? base + "/" + plural
        : base + "/namespaces/" + namespace + "/" + plural;
  }
}
