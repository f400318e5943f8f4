// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.inventory;

import io.mtlsmigration.kubernetes.inventory.WatchedKind.Shape;
import io.mtlsmigration.manifest.ObjectReader;
import io.mtlsmigration.manifest.UnreadFields;
import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.EndpointSlice;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.OtherObject;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.SidecarScope;
import java.util.List;
import java.util.stream.Stream;

/**
 * Every kind that is watched: those that the pure packages read, and no others, since each costs
 * memory, a permission and a watch. All are required: while one of them cannot be read the facts
 * are incomplete. Only kinds of third parties, neither Kubernetes' nor Istio's, need not be
 * installed.
 *
 * <p>A kind is added by a line here, a reader in {@link ObjectReader}, its list in {@link
 * NamespaceTables#facts} unless it is one of {@link #OTHERS}, and a line in
 * k8s/base/rbac/read.yaml. Not watched:
 *
 * <ul>
 *   <li>ReplicaSets, Deployments and other controllers of pods: a pod's workload follows from its
 *       owner reference and the names that controllers generate, as in istiod. A Job whose name
 *       ends in eight to ten digits is taken for a CronJob's. CronJobs, and Jobs that have not
 *       finished, are read for their templates.
 *   <li>VirtualService and Istio's own Gateway: neither changes what mutual TLS a client uses
 *       towards the mesh's pods, or what they accept. A Gateway's servers are the gateway pod's
 *       own, which no PeerAuthentication governs; routes choose among services and subsets, and
 *       their clusters' TLS is decided by DestinationRules and endpoints (istio
 *       pilot/pkg/networking/core/cluster_tls.go). AUTO_PASSTHROUGH passes mutual TLS on unopened.
 *   <li>ServiceAccounts, Nodes, Secrets: nothing depends on them.
 * </ul>
 */
final class WatchedKinds {

  private static final String NETWORKING = "networking.istio.io";

  static final WatchedKind<NamespaceFacts> NAMESPACES =
      new WatchedKind<>(
          Resource.of("Namespace", "", "namespaces", "v1"),
          UnreadFields.METADATA,
          ObjectReader::namespace,
          Shape.plain());

  static final WatchedKind<Pod> PODS =
      new WatchedKind<>(
          Resource.of("Pod", "", "pods", "v1"),
          UnreadFields.POD,
          ObjectReader::pod,
          Shape.sharing(Sharing::pod));

  static final WatchedKind<Service> SERVICES =
      new WatchedKind<>(
          Resource.of("Service", "", "services", "v1"),
          UnreadFields.METADATA,
          ObjectReader::service,
          Shape.sharing(Sharing::service));

  static final WatchedKind<EndpointSlice> ENDPOINT_SLICES =
      new WatchedKind<>(
          Resource.of("EndpointSlice", "discovery.k8s.io", "endpointslices", "v1"),
          UnreadFields.METADATA,
          ObjectReader::endpointSlice,
          Shape.sharing(Sharing::endpointSlice));

  static final WatchedKind<PeerAuthentication> PEER_AUTHENTICATIONS =
      new WatchedKind<>(
          Resource.of(
              "PeerAuthentication", "security.istio.io", "peerauthentications", "v1", "v1beta1"),
          UnreadFields.PEER_AUTHENTICATION,
          ObjectReader::peerAuthentication,
          Shape.plain());

  static final WatchedKind<DestinationRule> DESTINATION_RULES =
      new WatchedKind<>(
          Resource.of(
              "DestinationRule", NETWORKING, "destinationrules", "v1", "v1beta1", "v1alpha3"),
          UnreadFields.METADATA,
          ObjectReader::destinationRule,
          Shape.plain());

  static final WatchedKind<SidecarScope> SIDECARS =
      new WatchedKind<>(
          Resource.of("Sidecar", NETWORKING, "sidecars", "v1", "v1beta1", "v1alpha3"),
          UnreadFields.METADATA,
          ObjectReader::sidecar,
          Shape.plain());

  /** istiod's ConfigMaps, one per revision. */
  static final WatchedKind<MeshSettings> MESH_CONFIGS =
      new WatchedKind<>(
          Resource.of("ConfigMap", "", "configmaps", "v1"),
          UnreadFields.CONFIG_MAP,
          ObjectReader::meshSettings,
          Shape.inIstioNamespace(ObjectReader::isMeshConfig));

  private static final String SECURITY = "security.istio.io";
  private static final String KUBERNETES_NETWORKING = "networking.k8s.io";
  private static final String ADMISSION = "admissionregistration.k8s.io";
  private static final String GATEWAY_API = "gateway.networking.k8s.io";
  private static final String PROMETHEUS_OPERATOR = "monitoring.coreos.com";

  /** The kinds that only hazards read. */
  static final List<WatchedKind<OtherObject>> OTHERS =
      List.of(
          new WatchedKind<>(
              Resource.of("CronJob", "batch", "cronjobs", "v1"),
              UnreadFields.CRON_JOB,
              ObjectReader::jobTemplate,
              Shape.plain()),
          new WatchedKind<>(
              Resource.of("Job", "batch", "jobs", "v1"),
              UnreadFields.JOB,
              ObjectReader::jobTemplate,
              Shape.counting(ObjectReader::isJobTemplate)),
          other(
              Resource.of(
                  "AuthorizationPolicy", SECURITY, "authorizationpolicies", "v1", "v1beta1")),
          other(
              Resource.of(
                  "WorkloadEntry", NETWORKING, "workloadentries", "v1", "v1beta1", "v1alpha3")),
          other(
              Resource.of(
                  "WorkloadGroup", NETWORKING, "workloadgroups", "v1", "v1beta1", "v1alpha3")),
          other(
              Resource.of(
                  "ServiceEntry", NETWORKING, "serviceentries", "v1", "v1beta1", "v1alpha3")),
          other(Resource.of("Telemetry", "telemetry.istio.io", "telemetries", "v1", "v1alpha1")),
          other(Resource.of("EnvoyFilter", NETWORKING, "envoyfilters", "v1alpha3")),
          other(Resource.of("Ingress", KUBERNETES_NETWORKING, "ingresses", "v1")),
          other(Resource.of("IngressClass", KUBERNETES_NETWORKING, "ingressclasses", "v1")),
          other(Resource.of("NetworkPolicy", KUBERNETES_NETWORKING, "networkpolicies", "v1")),
          other(
              Resource.of(
                  "ValidatingWebhookConfiguration",
                  ADMISSION,
                  "validatingwebhookconfigurations",
                  "v1"),
              UnreadFields.WEBHOOKS),
          other(
              Resource.of(
                  "MutatingWebhookConfiguration", ADMISSION, "mutatingwebhookconfigurations", "v1"),
              UnreadFields.WEBHOOKS),
          other(
              Resource.of("APIService", "apiregistration.k8s.io", "apiservices", "v1"),
              UnreadFields.API_SERVICE),
          other(
              Resource.of(
                  "CustomResourceDefinition",
                  "apiextensions.k8s.io",
                  "customresourcedefinitions",
                  "v1"),
              UnreadFields.CUSTOM_RESOURCE_DEFINITION),
          other(Resource.optional("HTTPRoute", GATEWAY_API, "httproutes", "v1", "v1beta1")),
          other(Resource.optional("GRPCRoute", GATEWAY_API, "grpcroutes", "v1", "v1alpha2")),
          other(
              Resource.optional(
                  "TLSRoute", GATEWAY_API, "tlsroutes", "v1", "v1alpha3", "v1alpha2")),
          other(Resource.optional("TCPRoute", GATEWAY_API, "tcproutes", "v1", "v1alpha2")),
          other(Resource.optional("Gateway", GATEWAY_API, "gateways", "v1", "v1beta1")),
          other(Resource.optional("GatewayClass", GATEWAY_API, "gatewayclasses", "v1", "v1beta1")),
          other(Resource.optional("ServiceMonitor", PROMETHEUS_OPERATOR, "servicemonitors", "v1")),
          other(Resource.optional("PodMonitor", PROMETHEUS_OPERATOR, "podmonitors", "v1")));

  private static WatchedKind<OtherObject> other(Resource resource) {
    return other(resource, UnreadFields.METADATA);
  }

  private static WatchedKind<OtherObject> other(Resource resource, UnreadFields unread) {
    return new WatchedKind<>(resource, unread, ObjectReader::other, Shape.plain());
  }

  static final List<WatchedKind<?>> ALL =
      Stream.of(
              List.of(
                  NAMESPACES,
                  MESH_CONFIGS,
                  PEER_AUTHENTICATIONS,
                  DESTINATION_RULES,
                  SIDECARS,
                  SERVICES,
                  ENDPOINT_SLICES,
                  PODS),
              OTHERS)
          .<WatchedKind<?>>flatMap(List::stream)
          .toList();

  private WatchedKinds() {}
}
