// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.probe;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.OutboundCapture;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mesh.SidecarScope;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.Reachability;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the clients that stand for all others: of each kind the first that is not known to lack
 * the program and whose own proxy knows the Service, preferably one that takes all of its calls.
 * Looks clients up by what their proxies import, and never asks the proxies of all of a large mesh.
 */
final class Canaries {

  /** The number of clients that are tried of each kind. */
  private static final int TRIED = 16;

  private static final String ALL = "*";

  private final Reachability reachability;
  private final Set<String> exportedByDefault;
  private final Predicate<Pod> lacksProgram;

  /** Clients with a proxy, by namespace. */
  private final Map<String, List<Pod>> own = new HashMap<>();

  /** Clients with a proxy. */
  private final List<Pod> proxied = new ArrayList<>();

  /** Those of them whose view no Sidecar narrows. */
  private final List<Pod> unnarrowed = new ArrayList<>();

  /** The others, by each namespace that their Sidecar imports from. */
  private final Map<String, List<Pod>> importing = new HashMap<>();

  /** A client without a proxy; on a node's network only when there is no other. */
  private @Nullable Pod bare;

  /** The first client on each node's network, which reaches its ambient pods without ztunnel. */
  private final Map<String, Pod> onNode = new HashMap<>();

  /**
   * Knows the clients.
   *
   * @param clients in the order of preference
   * @param lacksProgram clients that are asked only where there is no other
   */
  Canaries(
      List<Pod> clients,
      Predicate<Pod> lacksProgram,
      Reachability reachability,
      MeshSettings settings) {
    this.reachability = reachability;
    this.exportedByDefault = settings.exports().services();
    this.lacksProgram = lacksProgram;
    @Nullable Pod anyOnNode = null;
    // What is learnt meanwhile would break a sort.
    List<Pod> ordered = new ArrayList<>();
    List<Pod> last = new ArrayList<>();
    List<Pod> partial = new ArrayList<>();
    for (Pod client : clients) {
      boolean past = OutboundCapture.partial(client);
      (lacksProgram.test(client) ? last : past ? partial : ordered).add(client);
    }
    ordered.addAll(partial);
    ordered.addAll(last);
    for (Pod client : ordered) {
      if (client.dataPlane().captured()) {
        proxied.add(client);
        own.computeIfAbsent(client.namespace(), ns -> new ArrayList<>()).add(client);
        view(client);
      } else if (client.hostNetwork()) {
        onNode.putIfAbsent(client.node(), client);
        anyOnNode = anyOnNode == null ? client : anyOnNode;
      } else if (bare == null) {
        bare = client;
      }
    }
    if (bare == null) {
      bare = anyOnNode;
    }
  }

  private void view(Pod client) {
    SidecarScope scope = reachability.sidecarOf(client);
    if (scope == null || scope.egressHosts().isEmpty()) {
      unnarrowed.add(client);
      return;
    }
    for (String host : scope.egressHosts()) {
      String namespace = host.substring(0, Math.max(0, host.indexOf('/')));
      List<Pod> importers = importing.computeIfAbsent(namespace, ns -> new ArrayList<>());
      if (importers.isEmpty() || !importers.getLast().equals(client)) {
        importers.add(client);
      }
    }
  }

  /** Returns the clients that stand for all others at a Service port. */
  Set<Pod> of(Service service, ServicePort port, List<Backend> backends) {
    Set<Pod> canaries = new LinkedHashSet<>();
    Predicate<Pod> knows =
        client ->
            !new ProbeTarget(client, service, port, backends.getFirst())
                .unknownToItsProxy(reachability);
    List<Pod> near = own.getOrDefault(service.namespace(), List.of());
    add(canaries, first(List.of(near), near, client -> true, knows));
    Predicate<Pod> far = client -> !client.namespace().equals(service.namespace());
    add(canaries, first(views(service), proxied, far, knows));
    add(canaries, bare);
    for (Backend backend : backends) {
      Pod server = backend.pod();
      if (server != null && server.dataPlane() == DataPlane.AMBIENT) {
        add(canaries, onNode.get(server.node()));
      }
    }
    return canaries;
  }

  /** Returns the clients whose proxies may know a Service. */
  private List<List<Pod>> views(Service service) {
    Set<String> to = service.exportTo().isEmpty() ? exportedByDefault : service.exportTo();
    if (!to.isEmpty() && !to.contains(ALL)) {
      return to.stream().map(own::get).filter(Objects::nonNull).toList();
    }
    return List.of(
        unnarrowed,
        importing.getOrDefault(service.namespace(), List.of()),
        importing.getOrDefault(ALL, List.of()));
  }

  /** Returns a client that knows the Service; without one, the first of all. */
  private @Nullable Pod first(
      List<List<Pod>> views, List<Pod> otherwise, Predicate<Pod> there, Predicate<Pod> knows) {
    @Nullable Pod found = null;
    for (List<Pod> view : views) {
      if (found != null && !lacksProgram.test(found)) {
        return found;
      }
      Pod next = view.stream().filter(there).limit(TRIED).filter(knows).findFirst().orElse(null);
      found = found == null || (next != null && !lacksProgram.test(next)) ? next : found;
    }
    return found != null ? found : otherwise.stream().filter(there).findFirst().orElse(null);
  }

  private static void add(Set<Pod> canaries, @Nullable Pod client) {
    if (client != null) {
      canaries.add(client);
    }
  }
}
