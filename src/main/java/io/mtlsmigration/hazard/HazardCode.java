package io.mtlsmigration.hazard;

/** Stable codes of hazards, in the order of the catalogue. */
public enum HazardCode {
  HOST_NETWORK_OR_HOST_PORT(9),
  DESTINATION_RULE_DISABLES_MTLS(10),
  COMPETING_POLICIES(12),
  PORT_LEVEL_KEY_IS_SERVICE_PORT(13),
  PORT_LEVEL_WITHOUT_SELECTOR(14),
  SELECTOR_IN_ROOT_NAMESPACE(15),
  INBOUND_PORT_BYPASSES_PROXY(16),
  DISABLE_IN_FORCE(17),
  UNCAPTURED_PODS(24),
  WORKLOAD_POLICY_WEAKER_THAN_TARGET(26),
  UNREADABLE_OBJECT(29);

  private final int number;

  HazardCode(int number) {
    this.number = number;
  }

  /** The number in the catalogue. */
  public int number() {
    return number;
  }
}
