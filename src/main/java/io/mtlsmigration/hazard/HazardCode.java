package io.mtlsmigration.hazard;

/** Stable codes of hazards, in the order of the catalogue. */
public enum HazardCode {
  HEADLESS_WITH_MIXED_ENDPOINTS(3),
  CALLED_FROM_OUTSIDE(5),
  HOST_NETWORK_OR_HOST_PORT(9),
  DESTINATION_RULE_DISABLES_MTLS(10),
  SUBSET_WITHOUT_TLS(11),
  COMPETING_POLICIES(12),
  PORT_LEVEL_KEY_IS_SERVICE_PORT(13),
  PORT_LEVEL_WITHOUT_SELECTOR(14),
  SELECTOR_IN_ROOT_NAMESPACE(15),
  INBOUND_PORT_BYPASSES_PROXY(16),
  DISABLE_IN_FORCE(17),
  SERVER_FIRST_PROTOCOL(19),
  APPLICATION_TLS_FROM_OUTSIDE(20),
  UNCAPTURED_PODS(24),
  WORKLOAD_POLICY_WEAKER_THAN_TARGET(26),
  POLICY_OF_ANOTHER_OWNER(27),
  UNREADABLE_OBJECT(29),
  SIDECAR_INGRESS_TLS(30),
  EQUAL_TIMESTAMPS_ON_AMBIENT(32);

  private final int number;

  HazardCode(int number) {
    this.number = number;
  }

  /** The number in the catalogue. */
  public int number() {
    return number;
  }
}
