// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.rollout.WriteResult;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The matrix of Istio's task, with the codes that a real mesh gave. */
final class TaskMatrixTest {

  private Stage stage;

  @BeforeEach
  void start() {
    stage = Stage.of(Scenarios.builtIn("task", Stage.START).mesh());
  }

  @AfterEach
  void stop() {
    stage.close();
  }

  private Map<String, String> matrix() {
    Map<String, String> matrix = new LinkedHashMap<>();
    for (String from : new String[] {"foo", "bar", "legacy"}) {
      for (String to : new String[] {"foo", "bar"}) {
        matrix.put(
            "curl." + from + " to httpbin." + to,
            stage.outcome(from + "/curl-0", to + "/httpbin:8000"));
      }
    }
    return matrix;
  }

  private static Map<String, String> expected(String legacyToFoo, String legacyToBar) {
    Map<String, String> expected = new LinkedHashMap<>();
    expected.put("curl.foo to httpbin.foo", "200/0");
    expected.put("curl.foo to httpbin.bar", "200/0");
    expected.put("curl.bar to httpbin.foo", "200/0");
    expected.put("curl.bar to httpbin.bar", "200/0");
    expected.put("curl.legacy to httpbin.foo", legacyToFoo);
    expected.put("curl.legacy to httpbin.bar", legacyToBar);
    return expected;
  }

  @Test
  void answersEverybodyBeforeTheLockdown() {
    assertEquals(expected("200/0", "200/0"), matrix());
  }

  @Test
  void resetsLegacyInFooUnderANamespacePolicy() {
    assertInstanceOf(WriteResult.Applied.class, stage.create("foo", MtlsMode.STRICT));

    assertEquals(expected("000/56", "200/0"), matrix());
  }

  @Test
  void resetsLegacyEverywhereUnderAMeshPolicy() {
    assertInstanceOf(WriteResult.Applied.class, stage.create("istio-system", MtlsMode.STRICT));

    assertEquals(expected("000/56", "000/56"), matrix());
  }

  @Test
  void answersEverybodyAgainAfterTheCleanUp() {
    stage.create("foo", MtlsMode.STRICT);

    stage.sandbox.policyWriter().apply(stage.change("foo", "default", null), false);

    assertEquals(expected("200/0", "200/0"), matrix());
  }
}
