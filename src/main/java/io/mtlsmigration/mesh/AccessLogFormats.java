package io.mtlsmigration.mesh;

import java.util.List;
import java.util.Map;

/**
 * How the sidecars of a mesh write access logs to their standard output, in Envoy's command
 * operators.
 *
 * @param texts formats of lines of text, each once, none for Istio's own alone; an empty one is
 *     Istio's own. More than one when providers of {@code extensionProviders} have theirs beside
 *     {@code accessLogFormat}
 * @param fields the operator of each JSON field that {@code MeshConfig} names, such as {@code
 *     %RESPONSE_CODE%}
 */
public record AccessLogFormats(List<String> texts, Map<String, String> fields) {

  /** Nothing but Istio's own formats. */
  public static final AccessLogFormats ISTIO = new AccessLogFormats(List.of(), Map.of());

  public AccessLogFormats {
    texts = List.copyOf(texts);
    fields = Map.copyOf(fields);
  }
}
