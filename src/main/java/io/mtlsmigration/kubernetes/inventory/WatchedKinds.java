package io.mtlsmigration.kubernetes.inventory;

import io.mtlsmigration.kubernetes.inventory.WatchedKind.Shape;
import io.mtlsmigration.manifest.ObjectReader;
import io.mtlsmigration.manifest.Unread;
import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.EndpointSlice;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.SidecarScope;
import java.util.List;

/**
 * Every kind that is watched: those of which the pure packages read something, and no others, for
 * each costs memory, a permission and a watch. All are needed: while one of them cannot be read the
 * facts are not complete.
 *
 * <p>A kind joins by a line here, a reader in {@link ObjectReader} and its list in {@link
 * NamespaceTables#facts}. Not watched:
 *
 * <ul>
 *   <li>ReplicaSets, Deployments, Jobs and other controllers of pods: a pod's owner reference and
 *       the names that controllers generate tell its workload, as they do for istiod. A Job whose
 *       name ends in eight to ten digits is taken for a CronJob's.
 *   <li>AuthorizationPolicy, ServiceEntry, WorkloadEntry and WorkloadGroup, Gateway, Telemetry,
 *       EnvoyFilter, webhooks, APIServices, CRDs, CronJobs: no rule reads them yet.
 *   <li>ServiceAccounts, Nodes, Secrets: nothing depends on them.
 * </ul>
 */
final class WatchedKinds {

  private static final String NETWORKING = "networking.istio.io";

  static final WatchedKind<NamespaceFacts> NAMESPACES =
      new WatchedKind<>(
          Resource.of("Namespace", "", "namespaces", "v1"),
          Unread.METADATA,
          ObjectReader::namespace,
          Shape.plain());

  static final WatchedKind<Pod> PODS =
      new WatchedKind<>(
          Resource.of("Pod", "", "pods", "v1"),
          Unread.POD,
          ObjectReader::pod,
          Shape.sharing(Sharing::pod));

  static final WatchedKind<Service> SERVICES =
      new WatchedKind<>(
          Resource.of("Service", "", "services", "v1"),
          Unread.METADATA,
          ObjectReader::service,
          Shape.sharing(Sharing::service));

  static final WatchedKind<EndpointSlice> ENDPOINT_SLICES =
      new WatchedKind<>(
          Resource.of("EndpointSlice", "discovery.k8s.io", "endpointslices", "v1"),
          Unread.METADATA,
          ObjectReader::endpointSlice,
          Shape.sharing(Sharing::endpointSlice));

  static final WatchedKind<PeerAuthentication> PEER_AUTHENTICATIONS =
      new WatchedKind<>(
          Resource.of(
              "PeerAuthentication", "security.istio.io", "peerauthentications", "v1", "v1beta1"),
          Unread.PEER_AUTHENTICATION,
          ObjectReader::peerAuthentication,
          Shape.plain());

  static final WatchedKind<DestinationRule> DESTINATION_RULES =
      new WatchedKind<>(
          Resource.of(
              "DestinationRule", NETWORKING, "destinationrules", "v1", "v1beta1", "v1alpha3"),
          Unread.METADATA,
          ObjectReader::destinationRule,
          Shape.plain());

  static final WatchedKind<SidecarScope> SIDECARS =
      new WatchedKind<>(
          Resource.of("Sidecar", NETWORKING, "sidecars", "v1", "v1beta1", "v1alpha3"),
          Unread.METADATA,
          ObjectReader::sidecar,
          Shape.plain());

  /** istiod's own, one a revision. */
  static final WatchedKind<MeshSettings> MESH_CONFIGS =
      new WatchedKind<>(
          Resource.of("ConfigMap", "", "configmaps", "v1"),
          Unread.CONFIG_MAP,
          ObjectReader::meshSettings,
          Shape.inIstioNamespace(ObjectReader::isMeshConfig));

  static final List<WatchedKind<?>> ALL =
      List.of(
          NAMESPACES,
          MESH_CONFIGS,
          PEER_AUTHENTICATIONS,
          DESTINATION_RULES,
          SIDECARS,
          SERVICES,
          ENDPOINT_SLICES,
          PODS);

  private WatchedKinds() {}
}
