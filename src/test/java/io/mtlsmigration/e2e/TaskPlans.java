// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

/**
 * Plans for Istio's task, with all gates and durations of seconds. The stand-in proxies drain at
 * once, so the service that carries them out is told so ({@link TestCluster#taskService}).
 */
public final class TaskPlans {

  private static final String RULES =
      """
      "gates": {"plaintextWindow": "PT20S", "noSamples": "PASS", "soak": "PT2S"},
      "verification": {"duration": "PT4S"}\
      """;

  private TaskPlans() {}

  /** Of the same name as its one namespace. */
  public static String namespace(String namespace) {
    return "{\"name\": \"%s\", \"scope\": {\"namespaces\": [\"%s\"]}, %s}"
        .formatted(namespace, namespace, RULES);
  }

  /** The same; a policy that a person has made is taken over. */
  public static String adopting(String namespace) {
    return "{\"name\": \"%s\", \"adopt\": true, \"scope\": {\"namespaces\": [\"%s\"]}, %s}"
        .formatted(namespace, namespace, RULES);
  }

  /** With a dry run of ten seconds. */
  public static String auditing(String name, String namespace) {
    return "{\"name\": \"%s\", \"scope\": {\"namespaces\": [\"%s\"]}, %s}"
        .formatted(name, namespace, RULES.replace("\"soak\"", "\"audit\": \"PT10S\", \"soak\""));
  }

  /** All namespaces, then the mesh. */
  public static String mesh() {
    return "{\"name\": \"mesh\", \"target\": \"MESH\", %s}".formatted(RULES);
  }
}
