// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

/**
 * Plans for the task on a real mesh, with all gates. Windows are as short as this mesh allows: its
 * Prometheus scrapes every two seconds, and its sidecars drain for five.
 */
final class MeshPlans {

  private static final String RULES =
      """
      "gates": {"plaintextWindow": "PT20S", "noSamples": "PASS", "soak": "PT2S"},
      "verification": {"duration": "PT15S"}\
      """;

  private MeshPlans() {}

  /** Of the same name as its one namespace. */
  static String namespace(String namespace) {
    return "{\"name\": \"%s\", \"scope\": {\"namespaces\": [\"%s\"]}, %s}"
        .formatted(namespace, namespace, RULES);
  }

  /** The same, with one more member. */
  static String namespaceWith(String namespace, String member) {
    return "{\"name\": \"%s\", %s, \"scope\": {\"namespaces\": [\"%s\"]}, %s}"
        .formatted(namespace, member, namespace, RULES);
  }

  /** With a dry run of fifteen seconds. */
  static String auditing(String namespace) {
    return namespace(namespace).replace("\"soak\"", "\"audit\": \"PT15S\", \"soak\"");
  }

  /** All namespaces, then the mesh. */
  static String mesh() {
    return "{\"name\": \"mesh\", \"target\": \"MESH\", %s}".formatted(RULES);
  }
}
