// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.api.security.AccessRules;
import io.mtlsmigration.api.security.Handlers;
import io.mtlsmigration.app.LeadersMemory.Need;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LeadersMemoryTest {

  private static final AccessRules RULES = Handlers.rules();

  @ParameterizedTest
  @CsvSource({
    "GET, /connectivity, LEADER",
    "POST, /connectivity/probes, LEADER",
    "GET, /connectivity/probes/{id}, LEADER",
    "GET, /connectivity/history, LEADER",
    "POST, /wire-checks, LEADER",
    "GET, /wire-checks, LEADER",
    "GET, /wire-checks/{id}, LEADER",
    "GET, /namespaces/{namespace}/readiness, LEADER",
    "GET, /namespaces/{namespace}/impact, LEADER",
    "GET, /namespaces/{namespace}/authorization-policies, LEADER",
    "GET, /mesh/impact, LEADER",
    "POST, /plans/{plan}/approvals, LEADER",
    "POST, /plans/{plan}/namespaces/{namespace}/overrides, LEADER",
    "DELETE, /plans/{plan}/exceptions/{exception}, LEADER_IF_ANY",
    "POST, /plans/{plan}/exceptions, ANYBODY",
    "GET, /traffic, LEADER",
    "GET, /mesh, LEADER_IF_ANY",
    "GET, /mesh/history, LEADER_IF_ANY",
    "GET, /namespaces, LEADER_IF_ANY",
    "GET, /namespaces/{namespace}, LEADER_IF_ANY",
    "GET, /plans/{plan}/namespaces, LEADER_IF_ANY",
    "GET, /plans/{plan}/namespaces/{namespace}, LEADER_IF_ANY",
    "GET, /plans/{plan}/mesh, LEADER_IF_ANY",
    "GET, /plans, ANYBODY",
    "POST, /plans, ANYBODY",
    "POST, /plans/{plan}/start, LEADER_IF_ANY",
    "POST, /plans/{plan}/resume, LEADER_IF_ANY",
    "POST, /plans/{plan}/namespaces/{namespace}/retry, LEADER_IF_ANY",
    "POST, /plans/{plan}/mesh/retry, LEADER_IF_ANY",
    "POST, /plans/{plan}/pause, ANYBODY",
    "POST, /plans/{plan}/abort, ANYBODY",
    "GET, /namespaces/{namespace}/workloads, ANYBODY",
    "GET, /policies, ANYBODY"
  })
  void knowsWhoCanAnswer(String method, String path, Need need) {
    assertEquals(need, LeadersMemory.need(RULES.of(method, "/api/v1" + path).orElseThrow()));
  }

  @Test
  void namesOnlyOperationsThatThereAre() {
    Set<String> named = new HashSet<>(LeadersMemory.ALONE);
    named.addAll(LeadersMemory.BETTER);

    assertTrue(
        RULES.all().stream()
            .map(AccessRules.Rule::operationId)
            .collect(Collectors.toSet())
            .containsAll(named));
    assertEquals(LeadersMemory.ALONE.size() + LeadersMemory.BETTER.size(), named.size());
  }

  @ParameterizedTest
  @CsvSource({"POST, true", "PUT, true", "PATCH, true", "GET, false", "DELETE, false"})
  void aForwardedCallKeepsItsBody(String method, boolean body) {
    assertEquals(body, LeaderForwarding.takesBody(method));
  }
}
