// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.ServiceEntry;
import io.mtlsmigration.mesh.SidecarScope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Determines the Services and ServiceEntries that a client's proxy knows. A call to any other
 * passes through as plaintext. Sources: {@code initServiceRegistry} (istio
 * pilot/pkg/model/push_context.go), {@code convertIstioListenerToWrapper} and {@code
 * selectServices} (pilot/pkg/model/sidecar.go).
 */
final class ServiceVisibility {

  private static final Comparator<SidecarScope> OLDEST_FIRST =
      Comparator.comparing((SidecarScope scope) -> scope.meta().createdAt())
          .thenComparing(scope -> scope.meta().name());

  private final MeshSnapshot snapshot;

  /** By namespace. */
  private final Map<String, Scopes> scopes = new ConcurrentHashMap<>();

  /** By identity, since a scope's hash is that of all of its hosts. */
  private final Map<SidecarScope, EgressHosts> egress =
      Collections.synchronizedMap(new IdentityHashMap<>());

  ServiceVisibility(MeshSnapshot snapshot) {
    this.snapshot = snapshot;
  }

  /** Returns the Sidecar resource that narrows a client's view; null when there is none. */
  @Nullable SidecarScope scopeOf(Pod client) {
    if (client.dataPlane() != DataPlane.SIDECAR) {
      return null;
    }
    SidecarScope scope = scopes(client.namespace()).of(client);
    return scope == null ? scopes(snapshot.root().name()).general() : scope;
  }

  private Scopes scopes(String namespace) {
    NamespaceFacts facts = snapshot.namespace(namespace);
    return facts == null || facts.sidecars().isEmpty()
        ? Scopes.NONE
        : scopes.computeIfAbsent(namespace, name -> Scopes.of(facts.sidecars()));
  }

  /**
   * The scopes of a namespace, which may have thousands, and are asked for each of its clients.
   *
   * @param general the oldest without a selector
   * @param selecting the others, each by one entry of its selector
   */
  private record Scopes(
      @Nullable SidecarScope general,
      Map<Map.Entry<String, String>, List<SidecarScope>> selecting) {

    static final Scopes NONE = new Scopes(null, Map.of());

    static Scopes of(List<SidecarScope> all) {
      SidecarScope general = null;
      Map<Map.Entry<String, String>, List<SidecarScope>> selecting = new HashMap<>();
      for (SidecarScope scope : all) {
        if (scope.workloadSelector().isEmpty()) {
          general = older(scope, general);
        } else {
          selecting
              .computeIfAbsent(
                  scope.workloadSelector().entrySet().iterator().next(), e -> new ArrayList<>(1))
              .add(scope);
        }
      }
      return new Scopes(general, selecting);
    }

    /** Returns the scope in force: those with a matching selector come before those without one. */
    @Nullable SidecarScope of(Pod client) {
      SidecarScope selected = null;
      if (!selecting.isEmpty()) {
        for (Map.Entry<String, String> label : client.labels().entrySet()) {
          for (SidecarScope scope : selecting.getOrDefault(label, List.of())) {
            selected = scope.selects(client) ? older(scope, selected) : selected;
          }
        }
      }
      return selected == null ? general : selected;
    }
  }

  private static SidecarScope older(SidecarScope candidate, @Nullable SidecarScope best) {
    return best == null || OLDEST_FIRST.compare(candidate, best) < 0 ? candidate : best;
  }

  /** Returns true when a client's proxy knows a ServiceEntry by one of its hosts. */
  boolean knows(Pod client, EntryCall call) {
    ServiceEntry entry = call.entry();
    String own = client.namespace();
    String owner = entry.ref().namespace();
    SidecarScope scope = scopeOf(client);
    if (!exportedTo(entry.exportTo(), owner, own)
        || (scope != null && !imports(scope, own, owner, call.host()))) {
      return false;
    }
    // Of two with the same host a client knows the one in its own namespace, or else the Service.
    Service service = call.service();
    if (service == null || !exportedTo(service, own)) {
      return true;
    }
    if (call.joins()) {
      return call.joined() != null;
    }
    return own.equals(owner) || (scope != null && !imports(scope, own, service));
  }

  boolean exportedTo(Service service, String clientNamespace) {
    return exportedTo(service.exportTo(), service.namespace(), clientNamespace);
  }

  /**
   * Returns true when an object of a namespace is exported to a client's namespace.
   *
   * @param own exportTo of the Service or ServiceEntry; empty = as the mesh has it
   */
  private boolean exportedTo(Set<String> own, String owner, String clientNamespace) {
    Set<String> exportTo = own.isEmpty() ? snapshot.settings().exports().services() : own;
    if (exportTo.isEmpty() || exportTo.contains("*")) {
      return true;
    }
    if (exportTo.contains("~")) {
      return false;
    }
    return exportTo.contains(clientNamespace)
        || (exportTo.contains(".") && clientNamespace.equals(owner));
  }

  /** Returns true when the egress hosts of a scope import a Service. */
  boolean imports(SidecarScope scope, String clientNamespace, Service service) {
    return imports(scope, clientNamespace, service.namespace(), snapshot.settings().host(service));
  }

  private boolean imports(SidecarScope scope, String clientNamespace, String owner, String host) {
    return scope.egressHosts().isEmpty()
        || egress
            .computeIfAbsent(scope, one -> EgressHosts.of(one.egressHosts()))
            .cover(clientNamespace, owner, host);
  }
}
