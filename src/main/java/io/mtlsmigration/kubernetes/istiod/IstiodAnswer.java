// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.istiod;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The relevant part of one istiod's answer. */
final class IstiodAnswer {

  /** The types of gateways and waypoints; PeerAuthentication does not govern what they accept. */
  private static final Set<String> NOT_GOVERNED = Set.of("router", "waypoint", "agentgateway");

  private final List<SyncPage.Connection> connections = new ArrayList<>();
  private boolean detailed;
  private boolean ztunnels;
  private Duration ahead = Duration.ZERO;
  private @Nullable AmbientPage ambient;
  private String unseen = "";

  void add(SyncPage.Connection connection) {
    if (!NOT_GOVERNED.contains(connection.type()) && !connection.proxy().isEmpty()) {
      connections.add(connection);
    }
    detailed |= connection.detailed();
    ztunnels |= connection.ztunnel();
  }

  void ahead(Duration istiodsClock) {
    this.ahead = istiodsClock;
  }

  void ambient(AmbientPage page) {
    this.ambient = page;
  }

  /** Records that the policies that ztunnels enforce cannot be read. */
  void ambientUnseen(String why) {
    this.unseen = why;
  }

  @Nullable AmbientPage ambient() {
    return ambient;
  }

  String unseen() {
    return unseen;
  }

  List<SyncPage.Connection> connections() {
    return connections;
  }

  Duration ahead() {
    return ahead;
  }

  /** Returns whether it has ztunnels but its format does not show what they acknowledge. */
  boolean silentOnZtunnels() {
    return ztunnels && !detailed;
  }
}
