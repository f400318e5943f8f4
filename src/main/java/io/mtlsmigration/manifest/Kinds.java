// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.ObjectRef;
import java.util.Map;
import java.util.Set;

/** The kinds that are read, and their API groups. */
final class Kinds {

  static final String NAMESPACE = "Namespace";
  static final String POD = "Pod";
  static final String SERVICE = "Service";
  static final String CONFIG_MAP = "ConfigMap";
  static final String ENDPOINT_SLICE = "EndpointSlice";
  static final String PEER_AUTHENTICATION = "PeerAuthentication";
  static final String DESTINATION_RULE = "DestinationRule";
  static final String SIDECAR = "Sidecar";

  private static final Map<String, String> GROUPS =
      Map.ofEntries(
          Map.entry(NAMESPACE, ""),
          Map.entry(POD, ""),
          Map.entry(SERVICE, ""),
          Map.entry(CONFIG_MAP, ""),
          Map.entry("ReplicationController", ""),
          Map.entry(ENDPOINT_SLICE, "discovery.k8s.io"),
          Map.entry(PEER_AUTHENTICATION, "security.istio.io"),
          Map.entry(DESTINATION_RULE, "networking.istio.io"),
          Map.entry(SIDECAR, "networking.istio.io"),
          Map.entry("Deployment", "apps"),
          Map.entry("ReplicaSet", "apps"),
          Map.entry("StatefulSet", "apps"),
          Map.entry("DaemonSet", "apps"),
          Map.entry("Job", "batch"),
          Map.entry("CronJob", "batch"),
          Map.entry("Rollout", "argoproj.io"),
          Map.entry("AuthorizationPolicy", "security.istio.io"),
          Map.entry("WorkloadEntry", "networking.istio.io"),
          Map.entry("WorkloadGroup", "networking.istio.io"),
          Map.entry("EnvoyFilter", "networking.istio.io"),
          Map.entry("ServiceEntry", "networking.istio.io"),
          Map.entry("Telemetry", "telemetry.istio.io"),
          Map.entry("Ingress", "networking.k8s.io"),
          Map.entry("IngressClass", "networking.k8s.io"),
          Map.entry("NetworkPolicy", "networking.k8s.io"),
          Map.entry("HTTPRoute", "gateway.networking.k8s.io"),
          Map.entry("GRPCRoute", "gateway.networking.k8s.io"),
          Map.entry("TLSRoute", "gateway.networking.k8s.io"),
          Map.entry("TCPRoute", "gateway.networking.k8s.io"),
          Map.entry("Gateway", "gateway.networking.k8s.io"),
          Map.entry("GatewayClass", "gateway.networking.k8s.io"),
          Map.entry("ServiceMonitor", "monitoring.coreos.com"),
          Map.entry("PodMonitor", "monitoring.coreos.com"),
          Map.entry("ValidatingWebhookConfiguration", "admissionregistration.k8s.io"),
          Map.entry("MutatingWebhookConfiguration", "admissionregistration.k8s.io"),
          Map.entry("APIService", "apiregistration.k8s.io"),
          Map.entry("CustomResourceDefinition", "apiextensions.k8s.io"));

  /** The cluster-scoped kinds, except Namespace. */
  private static final Set<String> CLUSTER_SCOPED =
      Set.of(
          "IngressClass",
          "GatewayClass",
          "ValidatingWebhookConfiguration",
          "MutatingWebhookConfiguration",
          "APIService",
          "CustomResourceDefinition");

  /** The kinds that only hazards read; CronJobs and Jobs are read in addition. */
  static final Set<String> OTHERS =
      Set.of(
          "AuthorizationPolicy",
          "WorkloadEntry",
          "WorkloadGroup",
          "EnvoyFilter",
          "ServiceEntry",
          "Telemetry",
          "Ingress",
          "IngressClass",
          "NetworkPolicy",
          "HTTPRoute",
          "GRPCRoute",
          "TLSRoute",
          "TCPRoute",
          "Gateway",
          "GatewayClass",
          "ServiceMonitor",
          "PodMonitor",
          "ValidatingWebhookConfiguration",
          "MutatingWebhookConfiguration",
          "APIService",
          "CustomResourceDefinition");

  /** Workloads that exist even while they have no pod. */
  static final Set<String> JOBS = Set.of("Job", "CronJob");

  /** The controllers of pods. */
  static final Set<String> WORKLOADS =
      Set.of(
          "ReplicationController",
          "Deployment",
          "ReplicaSet",
          "StatefulSet",
          "DaemonSet",
          "Job",
          "CronJob",
          "Rollout");

  private Kinds() {}

  /**
   * Returns whether objects of this kind are read; a kind of another group may have the same name.
   */
  static boolean known(String apiVersion, String kind) {
    return group(apiVersion).equals(GROUPS.get(kind));
  }

  /** Returns whether a kind of this name is read, of whatever group. */
  static boolean named(String kind) {
    return GROUPS.containsKey(kind);
  }

  /** Returns the part before the slash; empty for the core group. */
  static String group(String apiVersion) {
    int slash = apiVersion.indexOf('/');
    return slash < 0 ? "" : apiVersion.substring(0, slash);
  }

  static boolean clusterScoped(String kind) {
    return CLUSTER_SCOPED.contains(kind);
  }

  static ObjectRef ref(String apiVersion, String kind, String namespace, String name) {
    if (!known(apiVersion, kind)) {
      return new ObjectRef(kind, namespace, name);
    }
    if (kind.equals(NAMESPACE) || clusterScoped(kind)) {
      return new ObjectRef(kind, "", name);
    }
    return new ObjectRef(kind, namespace.isEmpty() ? "default" : namespace, name);
  }
}
