// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.mtlsmigration.kubernetes.fields.ManagedFields;
import io.mtlsmigration.mesh.Cidr;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of nodes, the ranges of their pods, and how far their clocks are from the API
 * server's. Needs {@code list} on nodes; without it no address can be said to be outside the
 * cluster. Listed rarely, and not watched: nodes update their status every few minutes, and their
 * addresses almost never.
 *
 * <p>A kubelet dates its heartbeats (condition {@code Ready}) by its node's clock, and the API
 * server dates the write of each by its own (metadata.managedFields): what is between them is how
 * far the clocks are apart, and how long the write took.
 */
public final class ClusterNodes {

  private static final Logger LOG = Logger.getLogger(ClusterNodes.class);

  private static final Duration FRESH = Duration.ofMinutes(10);
  private static final Duration AGAIN = Duration.ofMinutes(1);
  private static final long PAGE = 500;

  /** The path of a heartbeat in FieldsV1. */
  private static final List<String> HEARTBEAT =
      List.of("f:status", "f:conditions", "k:{\"type\":\"Ready\"}", "f:lastHeartbeatTime");

  /**
   * The difference up to which a write may just have taken long, and nothing is told of a clock.
   */
  static final Duration MOST_APART = Duration.ofMinutes(1);

  private final KubernetesClient client;
  private final Clock clock;
  private Known known = Known.NOTHING;
  private Instant next = Instant.MIN;
  private boolean told;

  public ClusterNodes(KubernetesClient client, Clock clock) {
    this.client = client;
    this.clock = clock;
  }

  /**
   * The known nodes.
   *
   * @param read false when they may not be read, or never were
   * @param byAddress names
   * @param ranges of pods' addresses, with the name of the node that assigns them
   * @param ahead by how much each node's clock is ahead of the API server's, negative when it is
   *     behind; only of nodes where that is much
   */
  record Known(
      boolean read,
      Map<String, String> byAddress,
      List<Range> ranges,
      Map<String, Duration> ahead) {
    static final Known NOTHING = new Known(false, Map.of(), List.of(), Map.of());

    Optional<Range> range(String address) {
      return ranges.stream().filter(range -> range.cidr().contains(address)).findFirst();
    }
  }

  record Range(Cidr cidr, String node) {}

  /** Returns the nodes; blocks when it is time to list them. */
  synchronized Known read() {
    Instant now = clock.instant();
    // The clock may have been set back since: no pause is longer.
    if (now.isBefore(next) && !next.isAfter(now.plus(FRESH))) {
      return known;
    }
    try {
      known = list();
      next = now.plus(known.ahead().isEmpty() ? FRESH : AGAIN);
      told = false;
    } catch (KubernetesClientException e) {
      next = now.plus(AGAIN);
      if (!told) {
        LOG.warnf(
            "Nodes cannot be read, so no client is told to be one, or outside the cluster;"
                + " grant list on nodes as the ClusterRole mtls-migration-read does cause=%s",
            e.getMessage());
      }
      told = true;
    }
    return known;
  }

  private Known list() {
    Map<String, String> byAddress = new HashMap<>();
    List<Range> ranges = new ArrayList<>();
    Map<String, Duration> ahead = new HashMap<>();
    String from = null;
    do {
      NodeList page = page(from);
      for (Node node : page.getItems()) {
        String name = node.getMetadata().getName();
        for (NodeAddress address : node.getStatus().getAddresses()) {
          byAddress.put(address.getAddress(), name);
        }
        for (String range : node.getSpec().getPodCIDRs()) {
          Cidr.parse(range).ifPresent(cidr -> ranges.add(new Range(cidr, name)));
        }
        ahead(node)
            .filter(by -> by.abs().compareTo(MOST_APART) > 0)
            .ifPresent(by -> ahead.put(name, by));
      }
      from = page.getMetadata().getContinue();
    } while (from != null && !from.isEmpty());
    return new Known(true, Map.copyOf(byAddress), List.copyOf(ranges), Map.copyOf(ahead));
  }

  /** Returns by how much a node's clock is ahead; empty when no kubelet has told its time. */
  private static Optional<Duration> ahead(Node node) {
    Optional<Instant> heartbeat =
        node.getStatus().getConditions().stream()
            .filter(condition -> "Ready".equals(condition.getType()))
            .findFirst()
            .map(NodeCondition::getLastHeartbeatTime)
            .map(Instant::parse);
    Optional<Instant> stored = ManagedFields.writtenAt(node.getMetadata(), HEARTBEAT);
    return heartbeat.flatMap(at -> stored.map(then -> Duration.between(then, at)));
  }

  private NodeList page(@Nullable String from) {
    return client.nodes().list(new ListOptionsBuilder().withLimit(PAGE).withContinue(from).build());
  }
}
