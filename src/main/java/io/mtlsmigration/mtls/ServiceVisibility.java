// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.ServiceEntry;
import io.mtlsmigration.mesh.SidecarScope;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
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

  ServiceVisibility(MeshSnapshot snapshot) {
    this.snapshot = snapshot;
  }

  /** Returns the Sidecar resource that narrows a client's view; null when there is none. */
  @Nullable SidecarScope scopeOf(Pod client) {
    if (client.dataPlane() != DataPlane.SIDECAR) {
      return null;
    }
    NamespaceFacts own = snapshot.namespace(client.namespace());
    SidecarScope scope = own == null ? null : oldest(own.sidecars(), client);
    return scope == null ? oldest(snapshot.root().sidecars(), null) : scope;
  }

  /**
   * Returns the scope in force: scopes with a matching selector come before those without one.
   *
   * @param client null when only scopes without a selector count
   */
  private static @Nullable SidecarScope oldest(List<SidecarScope> scopes, @Nullable Pod client) {
    SidecarScope selected = null;
    SidecarScope general = null;
    for (SidecarScope scope : scopes) {
      if (scope.workloadSelector().isEmpty()) {
        general = older(scope, general);
      } else if (client != null && scope.selects(client)) {
        selected = older(scope, selected);
      }
    }
    return selected == null ? general : selected;
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

  private static boolean imports(
      SidecarScope scope, String clientNamespace, String owner, String host) {
    if (scope.egressHosts().isEmpty()) {
      return true;
    }
    boolean imported = false;
    for (String entry : scope.egressHosts()) {
      int slash = entry.indexOf('/');
      if (slash < 0) {
        continue;
      }
      String namespace = entry.substring(0, slash);
      boolean excludes = namespace.startsWith("~");
      if (excludes) {
        namespace = namespace.length() == 1 ? "*" : namespace.substring(1);
      }
      boolean here =
          namespace.equals("*")
              || (namespace.equals(".") ? clientNamespace : namespace).equals(owner);
      if (here && HostNames.covers(entry.substring(slash + 1), host)) {
        if (excludes) {
          return false;
        }
        imported = true;
      }
    }
    return imported;
  }
}
