package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.SidecarScope;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which Services a client's proxy knows. A call to any other passes through as plaintext. Sources:
 * {@code initServiceRegistry} (istio pilot/pkg/model/push_context.go), {@code
 * convertIstioListenerToWrapper} and {@code selectServices} (pilot/pkg/model/sidecar.go).
 */
final class ServiceVisibility {

  private static final Comparator<SidecarScope> OLDEST_FIRST =
      Comparator.comparing((SidecarScope scope) -> scope.meta().createdAt())
          .thenComparing(scope -> scope.meta().name());

  private final MeshSnapshot snapshot;

  ServiceVisibility(MeshSnapshot snapshot) {
    this.snapshot = snapshot;
  }

  /** The Sidecar resource that narrows a client's view; null when there is none. */
  @Nullable SidecarScope scopeOf(Pod client) {
    if (client.dataPlane() != DataPlane.SIDECAR) {
      return null;
    }
    NamespaceFacts own = snapshot.namespace(client.namespace());
    SidecarScope scope = own == null ? null : oldest(own.sidecars(), client);
    return scope == null ? oldest(snapshot.root().sidecars(), null) : scope;
  }

  /**
   * Scopes with a matching selector come before those without one.
   *
   * @param client null when only scopes without a selector count
   */
  private static @Nullable SidecarScope oldest(List<SidecarScope> scopes, @Nullable Pod client) {
    SidecarScope selected = null;
    SidecarScope general = null;
    for (SidecarScope scope : scopes) {
      if (scope.workloadSelector().isEmpty()) {
        general = older(scope, general);
      } else if (client != null
          && LabelSelector.containsAll(client.labels(), scope.workloadSelector())) {
        selected = older(scope, selected);
      }
    }
    return selected == null ? general : selected;
  }

  private static SidecarScope older(SidecarScope candidate, @Nullable SidecarScope best) {
    return best == null || OLDEST_FIRST.compare(candidate, best) < 0 ? candidate : best;
  }

  static boolean exportedTo(Service service, String clientNamespace) {
    Set<String> exportTo = service.exportTo();
    if (exportTo.isEmpty() || exportTo.contains("*")) {
      return true;
    }
    if (exportTo.contains("~")) {
      return false;
    }
    return exportTo.contains(clientNamespace)
        || (exportTo.contains(".") && clientNamespace.equals(service.namespace()));
  }

  /** True when the egress hosts of a scope import a Service. */
  static boolean imports(SidecarScope scope, String clientNamespace, Service service) {
    if (scope.egressHosts().isEmpty()) {
      return true;
    }
    String host = HostNames.of(service);
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
              || (namespace.equals(".") ? clientNamespace : namespace).equals(service.namespace());
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
