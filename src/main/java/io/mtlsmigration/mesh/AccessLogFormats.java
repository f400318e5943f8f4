// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The formats of access logs that the sidecars of a mesh write to standard output, in Envoy's
 * command operators.
 *
 * @param texts formats of lines of text, each once, none for only Istio's own; an empty one is
 *     Istio's own. There are several when providers of {@code extensionProviders} have theirs
 *     beside {@code accessLogFormat}
 * @param fields the operator of each JSON field that {@code MeshConfig} names, such as {@code
 *     %RESPONSE_CODE%}
 * @param providers those of {@code extensionProviders} that write there
 * @param byDefault whether sidecars write there of which no Telemetry says what they log
 */
public record AccessLogFormats(
    List<String> texts, Map<String, String> fields, Set<String> providers, boolean byDefault) {

  /** The provider that every mesh has ({@code envoy} in pilot/pkg/model/telemetry.go). */
  public static final String BUILT_IN = "envoy";

  /** Istio's own formats only. */
  public static final AccessLogFormats ISTIO = new AccessLogFormats(List.of(), Map.of());

  public AccessLogFormats {
    texts = List.copyOf(texts);
    fields = Map.copyOf(fields);
    providers = Set.copyOf(providers);
  }

  /** Creates the formats of a mesh without such providers, whose sidecars log. */
  public AccessLogFormats(List<String> texts, Map<String, String> fields) {
    this(texts, fields, Set.of(), true);
  }

  /** Returns whether one of the providers writes to standard output. */
  boolean written(Set<String> by) {
    return by.contains(BUILT_IN) || by.stream().anyMatch(providers::contains);
  }
}
