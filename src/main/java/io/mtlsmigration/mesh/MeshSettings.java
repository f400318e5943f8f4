// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The fields of {@code MeshConfig} that the core reads, and the cluster's domain.
 *
 * @param rootNamespace {@code rootNamespace}; {@code istio-system} by default
 * @param outboundAllowAny {@code outboundTrafficPolicy.mode}: unknown destinations pass as
 *     plaintext
 * @param trustDomainAliases further trust domains whose identities count as the mesh's own
 * @param discoverySelectors istiod watches namespaces that one of these matches; empty = all
 * @param accessLogs the formats of sidecars' access logs
 * @param exports to whom objects are exported that do not say it
 * @param debugHeaders sidecars add Envoy's own headers to what they answer with; false with {@code
 *     defaultConfig.proxyHeaders.envoyDebugHeaders.disabled}
 * @param clusterDomain what the names of Services end in: istiod's {@code DOMAIN_SUFFIX}, {@code
 *     global.proxy.clusterDomain} of its chart
 */
public record MeshSettings(
    String rootNamespace,
    String trustDomain,
    boolean autoMtls,
    boolean outboundAllowAny,
    List<String> trustDomainAliases,
    List<LabelSelector> discoverySelectors,
    AccessLogFormats accessLogs,
    Exports exports,
    boolean debugHeaders,
    String clusterDomain) {

  /**
   * The {@code exportTo} of objects that have none.
   *
   * @param services {@code defaultServiceExportTo}, of ServiceEntries as well; empty = everybody
   * @param destinationRules {@code defaultDestinationRuleExportTo}, of which Istio heeds only
   *     whether it contains {@code .}; empty = everybody
   */
  public record Exports(Set<String> services, Set<String> destinationRules) {
    public static final Exports EVERYBODY = new Exports(Set.of(), Set.of());

    public Exports {
      // In an order that is the same in each process: what is approved is told by it.
      services = Collections.unmodifiableSet(new TreeSet<>(services));
      destinationRules = Collections.unmodifiableSet(new TreeSet<>(destinationRules));
    }
  }

  /** Kubernetes' default. */
  public static final String CLUSTER_DOMAIN = "cluster.local";

  public static final MeshSettings DEFAULT =
      new MeshSettings("istio-system", "cluster.local", true, true);

  public MeshSettings {
    trustDomainAliases = List.copyOf(trustDomainAliases);
    discoverySelectors = List.copyOf(discoverySelectors);
  }

  /** Settings of one trust domain, for all namespaces. */
  public MeshSettings(
      String rootNamespace, String trustDomain, boolean autoMtls, boolean outboundAllowAny) {
    this(rootNamespace, trustDomain, autoMtls, outboundAllowAny, List.of(), List.of());
  }

  /** Settings of a mesh whose sidecars have Istio's default access logs. */
  public MeshSettings(
      String rootNamespace,
      String trustDomain,
      boolean autoMtls,
      boolean outboundAllowAny,
      List<String> trustDomainAliases,
      List<LabelSelector> discoverySelectors) {
    this(
        rootNamespace,
        trustDomain,
        autoMtls,
        outboundAllowAny,
        trustDomainAliases,
        discoverySelectors,
        AccessLogFormats.ISTIO,
        Exports.EVERYBODY,
        true,
        CLUSTER_DOMAIN);
  }

  /** Returns the same settings in a cluster of another domain. */
  public MeshSettings in(String domain) {
    return new MeshSettings(
        rootNamespace,
        trustDomain,
        autoMtls,
        outboundAllowAny,
        trustDomainAliases,
        discoverySelectors,
        accessLogs,
        exports,
        debugHeaders,
        domain);
  }

  /** Returns the full name of a Service. */
  public String host(Service service) {
    return service.name() + "." + service.namespace() + ".svc." + clusterDomain;
  }
}
