package io.mtlsmigration.mesh;

/**
 * What the core reads of {@code MeshConfig}.
 *
 * @param rootNamespace {@code rootNamespace}; {@code istio-system} by default
 * @param outboundAllowAny {@code outboundTrafficPolicy.mode}: unknown destinations pass as
 *     plaintext
 */
public record MeshSettings(
    String rootNamespace, String trustDomain, boolean autoMtls, boolean outboundAllowAny) {

  public static final MeshSettings DEFAULT =
      new MeshSettings("istio-system", "cluster.local", true, true);
}
