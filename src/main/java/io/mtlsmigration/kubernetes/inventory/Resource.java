package io.mtlsmigration.kubernetes.inventory;

import java.util.List;

/**
 * Where the API server serves a kind.
 *
 * @param group empty for the core group
 * @param versions the first of these that the server knows is read
 * @param optional true for a kind that need not be installed: where the server knows none of the
 *     versions, there are no objects of it. That it may not be read is another matter
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

  /** {@code plural.group}, as kubectl and RBAC's documentation name it. */
  String fullName() {
    return group.isEmpty() ? plural : plural + "." + group;
  }

  /**
   * The path of all its objects.
   *
   * @param namespace empty for those of the whole cluster
   */
  String path(String version, String namespace) {
    String base = group.isEmpty() ? "api/" + version : "apis/" + apiVersion(version);
    return namespace.isEmpty()
        ? base + "/" + plural
        : base + "/namespaces/" + namespace + "/" + plural;
  }
}
