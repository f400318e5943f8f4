// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.restassured.path.json.JsonPath;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parts of the mesh, and of the service, that go away while a plan is carried out. */
final class FaultsOnMesh {

  @RegisterExtension static final RealMesh MESH = new RealMesh();

  private static final String SYNC = "gates.find { it.gate == 'sync' }.result";

  @AfterEach
  void leaveNothing() {
    MESH.leaveNothing();
  }

  /** Its webhook refuses policies then, and nobody says whether proxies follow. */
  @Test
  void holdsWhileIstiodIsAwayAndGoesOn() {
    scaleIstiod(0);
    MESH.start(MeshPlans.namespace("foo"), "foo");

    RealMesh.soon("gate sync of foo")
        .until(() -> "INCONCLUSIVE".equals(MESH.step("foo", "foo").getString(SYNC)));
    assertEquals("", MESH.modes("foo"));
    scaleIstiod(1);
    MESH.awaitPlan("foo", "COMPLETED");

    assertEquals("STRICT", MESH.modes("foo"));
    assertEquals("000", MESH.code("legacy", "http://httpbin.foo:8000/ip"));
  }

  /**
   * A sidecar's agent stands still, so that its Envoy goes on as it is; then istiod goes, too,
   * which alone would know that it lags behind. What nobody vouches for is neither locked nor
   * undone.
   */
  @Test
  void staysInLockingWhileASidecarDoesNotGetTheConfiguration() throws InterruptedException {
    MESH.signalAgent("STOP", "foo", "httpbin");
    try {
      MESH.start(MeshPlans.namespace("foo"), "foo");
      MESH.awaitStep("foo", "foo", "LOCKING");
      Thread.sleep(5_000);

      JsonPath step = MESH.step("foo", "foo");
      assertEquals("LOCKING", step.getString("phase"), step::prettify);
      assertTrue(step.getString("message").contains("httpbin"), step::prettify);
      assertEquals("200", MESH.code("legacy", "http://httpbin.foo:8000/ip"));
      scaleIstiod(0);
      Thread.sleep(5_000);

      step = MESH.step("foo", "foo");
      assertEquals("LOCKING", step.getString("phase"), step::prettify);
    } finally {
      MESH.signalAgent("CONT", "foo", "httpbin");
      scaleIstiod(1);
    }

    MESH.awaitPlan("foo", "COMPLETED");
    assertEquals(0, MESH.step("foo", "foo").getInt("automaticRollbacks"));
    assertEquals("000", MESH.code("legacy", "http://httpbin.foo:8000/ip"));
  }

  private static void scaleIstiod(int replicas) {
    MESH.kubectl().ok("scale", "deployment", "istiod", "-n=istio-system", "--replicas=" + replicas);
    MESH.kubectl()
        .ok("rollout", "status", "deployment", "istiod", "-n=istio-system", "--timeout=60s");
  }

  /** The one that follows must know the refused probes of the one before it. */
  @ParameterizedTest
  @ValueSource(strings = {"OBSERVING", "VERIFYING"})
  void goesOnWhenTheReplicaThatActsIsKilled(String phase) {
    MESH.start(MeshPlans.namespace("foo"), "foo");
    MESH.awaitStep("foo", "foo", phase);
    String leader =
        MESH.kubectl()
            .ok(
                "get",
                "lease",
                "mtls-migration",
                "-n=mtls-migration",
                "-o=jsonpath={.spec.holderIdentity}");

    String pod = leader.split("_", 2)[0];
    MESH.kubectl().ok("delete", "pod", pod, "-n=mtls-migration", "--force", "--grace-period=0");
    MESH.awaitPlan("foo", "COMPLETED");

    assertEquals("STRICT", MESH.modes("foo"));
    assertEquals(0, MESH.step("foo", "foo").getInt("automaticRollbacks"));
    assertEquals("200", MESH.code("bar", "http://httpbin.foo:8000/ip"));
  }

  @Test
  void goesOnWhenTheApiServerIsRestarted() {
    MESH.start(MeshPlans.namespace("foo"), "foo");
    MESH.awaitStep("foo", "foo", "OBSERVING");

    MESH.kill("kube-apiserver");

    MESH.awaitPlan("foo", "COMPLETED");
    assertEquals("STRICT", MESH.modes("foo"));
    assertEquals("200", MESH.code("bar", "http://httpbin.foo:8000/ip"));
  }
}
