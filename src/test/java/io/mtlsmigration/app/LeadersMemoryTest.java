package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.app.LeadersMemory.Need;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LeadersMemoryTest {

  @ParameterizedTest
  @CsvSource({
    "GET, /api/v1/connectivity, LEADER",
    "GET, /api/v1/connectivity/, LEADER",
    "POST, /api/v1/connectivity/probes, LEADER",
    "GET, /api/v1/connectivity/probes/17, LEADER",
    "GET, /api/v1/connectivity/history, LEADER",
    "POST, /api/v1/wire-checks, LEADER",
    "GET, /api/v1/wire-checks/17, LEADER",
    "GET, /api/v1/namespaces/foo/readiness, LEADER",
    "GET, /api/v1/namespaces/foo/impact, LEADER",
    "GET, /api/v1/mesh/impact, LEADER",
    "POST, /api/v1/plans/q4/approvals, LEADER",
    "GET, /api/v1/traffic, LEADER",
    "GET, /api/v1/mesh, LEADER_IF_ANY",
    "GET, /api/v1/mesh/history, LEADER_IF_ANY",
    "HEAD, /api/v1/mesh, LEADER_IF_ANY",
    "GET, /api/v1/namespaces, LEADER_IF_ANY",
    "GET, /api/v1/namespaces/foo, LEADER_IF_ANY",
    "GET, /api/v1/plans/q4/namespaces, LEADER_IF_ANY",
    "GET, /api/v1/plans/q4/namespaces/foo, LEADER_IF_ANY",
    "GET, /api/v1/plans/q4/mesh, LEADER_IF_ANY",
    "GET, /api/v1/plans, ANYBODY",
    "POST, /api/v1/plans, ANYBODY",
    "POST, /api/v1/plans/q4/start, ANYBODY",
    "POST, /api/v1/plans/q4/namespaces/foo/retry, ANYBODY",
    "GET, /api/v1/namespaces/foo/workloads, ANYBODY",
    "GET, /api/v1/policies, ANYBODY",
    "GET, /api/v1/connectivityx, ANYBODY",
    "GET, /connectivity, ANYBODY",
    "GET, /q/openapi, ANYBODY",
    "GET, /, ANYBODY"
  })
  void knowsWhoCanAnswer(String method, String path, Need need) {
    assertEquals(need, LeadersMemory.need(method, path));
  }
}
