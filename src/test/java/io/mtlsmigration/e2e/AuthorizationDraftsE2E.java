// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Drafted AuthorizationPolicies, held to Istio's schema by a real API server. */
final class AuthorizationDraftsE2E {

  @RegisterExtension
  static final TestCluster CLUSTER = TestCluster.withIstio().withService().withTask();

  private static final String EXCEPTIONS =
      """
      {"name": "open", "scope": {"namespaces": ["foo"]},
       "exceptions": [{"namespace": "foo", "selector": {"matchLabels": {"app": "httpbin"}},
         "port": 8080, "owner": "team-a", "reason": "scrape\\n---\\nkind: Secret",
         "expires": "2099-01-01", "plaintextPaths": ["/metrics", "/status/*"]}]}
      """;

  private static ServiceProcess service;

  @BeforeAll
  static void begin() {
    service = CLUSTER.taskService("a").start().awaitReady();
  }

  @Test
  void areAcceptedForANamespaceThatStaysOpen() {
    List<String> applied = applied(drafts("bar"));

    assertEquals(List.of("authorizationpolicy.security.istio.io/mtls-migration-open"), applied);
  }

  /** A reason that would be a document of its own stays a comment. */
  @Test
  void areAcceptedForExceptions() {
    TestCluster.draft(service, EXCEPTIONS);

    List<String> applied = applied(drafts("foo") + "?plan=open");

    assertEquals(
        List.of("authorizationpolicy.security.istio.io/mtls-migration-open-httpbin"), applied);
  }

  private static String drafts(String namespace) {
    return "/namespaces/" + namespace + "/authorization-policies";
  }

  private static List<String> applied(String path) {
    String yaml = service.http().accept("application/yaml").get(path).asString();
    Kubectl.Result result = CLUSTER.kubectl().tryApply(yaml, "--dry-run=server", "-o=name");
    assertTrue(result.succeeded(), () -> result.err() + yaml);
    return result.out().lines().toList();
  }
}
