package io.mtlsmigration.kubernetes.istiod;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What one istiod shows, as far as it matters here. */
final class IstiodAnswer {

  /** Gateways and waypoints: PeerAuthentication does not govern what they accept. */
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

  /** What ztunnels enforce cannot be read. */
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

  /** True when it has ztunnels and its format does not say what they acknowledge. */
  boolean silentOnZtunnels() {
    return ztunnels && !detailed;
  }
}
