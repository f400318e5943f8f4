// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mtlsmigration.mesh.AccessLogFormats;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The log formats of a mesh's sidecars: one of text, and names of JSON fields. Only operators that
 * Envoy fills in by itself are evidence, each at its place or by its name.
 *
 * @param text null where it is unknown: a format that cannot be parsed, or several, of which one
 *     may let a client forge a whole line of another
 * @param fields operators by the names of fields
 */
record EnvoyLayouts(@Nullable TextLayout text, Map<String, String> fields) {

  /** Istio's {@code EnvoyTextLogFormat} (pilot/pkg/model/telemetry_logging.go). */
  private static final String ISTIO_TEXT =
      "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\""
          + " %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS%"
          + " %CONNECTION_TERMINATION_DETAILS% \"%UPSTREAM_TRANSPORT_FAILURE_REASON%\""
          + " %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%"
          + " \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\""
          + " \"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\" %UPSTREAM_CLUSTER_RAW%"
          + " %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS%"
          + " %REQUESTED_SERVER_NAME% %ROUTE_NAME%";

  /** {@code EnvoyJSONLogFormatIstio} of the same file, as far as it is read. */
  private static final Map<String, String> ISTIO_FIELDS =
      Map.of(
          "response_code", EnvoyOperators.CODE,
          "response_flags", EnvoyOperators.FLAGS,
          "response_code_details", EnvoyOperators.DETAILS,
          "protocol", EnvoyOperators.PROTOCOL,
          "upstream_cluster", EnvoyOperators.CLUSTER,
          "downstream_local_address", EnvoyOperators.LOCAL,
          "downstream_remote_address", EnvoyOperators.REMOTE,
          "requested_server_name", EnvoyOperators.SERVER_NAME,
          "x_forwarded_for", EnvoyOperators.FORWARDED_FOR);

  /** For whole lines: what only begins with an object may begin with a client's header. */
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private static final EnvoyLayouts ISTIO = parsed(AccessLogFormats.ISTIO);

  static EnvoyLayouts of(AccessLogFormats mesh) {
    return mesh.equals(AccessLogFormats.ISTIO) ? ISTIO : parsed(mesh);
  }

  private static EnvoyLayouts parsed(AccessLogFormats mesh) {
    Map<String, String> fields = new HashMap<>(ISTIO_FIELDS);
    mesh.fields()
        .forEach(
            (name, format) -> {
              String operator = whole(format) ? EnvoyOperators.read(format) : null;
              if (operator == null) {
                fields.remove(name);
              } else {
                fields.put(name, operator);
              }
            });
    List<String> texts = mesh.texts().isEmpty() ? List.of("") : mesh.texts();
    String only = texts.getFirst().isEmpty() ? ISTIO_TEXT : texts.getFirst();
    TextLayout text = texts.size() > 1 ? null : TextLayout.of(only).orElse(null);
    return new EnvoyLayouts(text, Map.copyOf(fields));
  }

  /** Returns values by operator, {@code -} for none; empty for a line in no format of the mesh. */
  Map<String, String> read(String line) {
    if (line.startsWith("{")) {
      return json(line);
    }
    return text == null ? Map.of() : text.read(line);
  }

  private Map<String, String> json(String line) {
    JsonNode tree;
    try {
      tree = JSON.readTree(line);
    } catch (JsonProcessingException e) {
      return Map.of(); // no JSON after all, or cut off by its writer
    }
    Map<String, String> values = new HashMap<>();
    fields.forEach(
        (name, operator) -> {
          JsonNode value = tree.path(name);
          if (value.isValueNode() && value.asText().length() <= EnvoyOperators.LONGEST_VALUE) {
            values.put(operator, value.isNull() ? "-" : value.asText());
          }
        });
    return values;
  }

  /** Returns whether a format consists of one operator. */
  private static boolean whole(String format) {
    return format.length() > 2
        && format.startsWith("%")
        && format.indexOf('%', 1) == format.length() - 1;
  }
}
