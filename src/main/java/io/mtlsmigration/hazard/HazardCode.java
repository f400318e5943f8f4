// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import java.util.List;

/**
 * Stable codes of hazards, in the order of the catalogue, {@code docs/hazards.md}: it says of each
 * what happens, what to do, and what looks like it and is none.
 */
public enum HazardCode {
  PROBES_NOT_REWRITTEN(1, Severity.BLOCKER, 9150, 53786, 40173),
  METRICS_SCRAPED_FROM_APPLICATION(2, Severity.WARNING, 19874, 38720),
  HEADLESS_WITH_MIXED_ENDPOINTS(3, Severity.WARNING, 27831, 39439),
  CALLED_BY_ADDRESS(4, Severity.WARNING, 37431),
  CALLED_FROM_OUTSIDE(5, Severity.WARNING, 24668, 41033, 51482),
  CALLED_BY_API_SERVER(6, Severity.BLOCKER, 39290, 52874),
  INIT_CONTAINER_BEFORE_PROXY(7, Severity.INFO, 32039, 34032),
  JOB_WITHOUT_PROXY(8, Severity.WARNING, 11659),
  HOST_NETWORK_OR_HOST_PORT(9, Severity.WARNING, 42508),
  DESTINATION_RULE_DISABLES_MTLS(10, Severity.BLOCKER, 6279, 31425, 50100),
  SUBSET_WITHOUT_TLS(11, Severity.WARNING, 60792),
  COMPETING_POLICIES(12, Severity.WARNING, 48036),
  PORT_LEVEL_KEY_IS_SERVICE_PORT(13, Severity.WARNING, 49098, 27994),
  PORT_LEVEL_WITHOUT_SELECTOR(14, Severity.WARNING, 35871),
  SELECTOR_IN_ROOT_NAMESPACE(15, Severity.WARNING, 61023),
  INBOUND_PORT_BYPASSES_PROXY(16, Severity.WARNING, 30311),
  DISABLE_IN_FORCE(17, Severity.BLOCKER, 48290, 58832, 56084),
  NO_USABLE_TELEMETRY(18, Severity.WARNING, 12452, 60667),
  SERVER_FIRST_PROTOCOL(19, Severity.WARNING, 10062, 35232),
  APPLICATION_TLS_FROM_OUTSIDE(20, Severity.WARNING, 9837, 29538),
  SEVERAL_CLUSTERS(21, Severity.WARNING, 37096, 52246),
  WORKLOAD_ENTRY_WITHOUT_TLS_MODE(22, Severity.WARNING, 25570),
  AMBIENT_PARTICULARS(23, Severity.WARNING, 53884, 54146, 58531),
  UNCAPTURED_PODS(24, Severity.WARNING, 18430),
  CLUSTER_WITHOUT_TLS(25, Severity.WARNING, 7140, 51471, 47372),
  WORKLOAD_POLICY_WEAKER_THAN_TARGET(26, Severity.BLOCKER),
  POLICY_OF_ANOTHER_OWNER(27, Severity.WARNING),
  AUTHORIZATION_BY_PEER_IDENTITY(28, Severity.WARNING),
  UNREADABLE_OBJECT(29, Severity.BLOCKER),
  SIDECAR_INGRESS_TLS(30, Severity.BLOCKER),
  OUTSIDE_DISCOVERY(31, Severity.BLOCKER),
  EQUAL_TIMESTAMPS_ON_AMBIENT(32, Severity.INFO),
  SERVICE_ENTRY_WITHOUT_MTLS(33, Severity.WARNING, 27042),
  UNCAPTURED_UNDER_STRICT(34, Severity.WARNING),
  AUTO_MTLS_OFF(35, Severity.BLOCKER),
  PORT_POLICY_WITHOUT_MODE_ON_AMBIENT(36, Severity.WARNING, 53884);

  private final int number;
  private final Severity severity;

  @SuppressWarnings("ImmutableEnumChecker") // of List.of
  private final List<Integer> issues;

  HazardCode(int number, Severity severity, Integer... issues) {
    this.number = number;
    this.severity = severity;
    this.issues = List.of(issues);
  }

  /** Returns the number in the catalogue. */
  public int number() {
    return number;
  }

  /** Returns the highest severity that the rule gives. */
  public Severity severity() {
    return severity;
  }

  /** Returns the addresses of issues and pull requests of {@code istio/istio}. */
  public List<String> references() {
    return issues.stream().map(n -> "https://github.com/istio/istio/issues/" + n).toList();
  }
}
