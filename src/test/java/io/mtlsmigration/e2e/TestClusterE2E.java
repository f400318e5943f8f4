// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The bed itself: what the other end-to-end tests take for granted. */
final class TestClusterE2E {

  @RegisterExtension static final TestCluster CLUSTER = TestCluster.withIstio();

  private static final String STRICT =
      """
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata:
        name: default
        namespace: foo
      spec:
        mtls:
          mode: %s
      """;

  @Test
  void keepsWhatWasStoredWhenTheServerIsKilled() {
    CLUSTER.namespace("foo", Map.of());
    CLUSTER.kubectl().apply(STRICT.formatted("STRICT"));

    CLUSTER.api().kill();
    Kubectl.Result dead = CLUSTER.kubectl().run("get", "namespace", "foo");
    CLUSTER.api().restart();

    assertTrue(dead.err().contains("refused"), dead.err());
    assertEquals(
        "STRICT",
        CLUSTER
            .kubectl()
            .ok(
                "get",
                "-n",
                "foo",
                "peerauthentication",
                "default",
                "-o=jsonpath={.spec.mtls.mode}"));
  }

  @Test
  void holdsPoliciesToTheSchemaOfIstio() {
    CLUSTER.namespace("foo", Map.of());

    Kubectl.Result answer = CLUSTER.kubectl().tryApply(STRICT.formatted("STRONG"));

    assertTrue(answer.err().contains("Unsupported value: \"STRONG\""), answer.err());
  }

  @Test
  void grantsNothingToAnAccountWithoutRoles() {
    Kubectl nobody = CLUSTER.as("people", "nobody").kubectl();

    Kubectl.Result answer = nobody.run("get", "pods", "-A");

    assertTrue(
        answer.err().contains("\"system:serviceaccount:people:nobody\" cannot list"), answer.err());
  }
}
