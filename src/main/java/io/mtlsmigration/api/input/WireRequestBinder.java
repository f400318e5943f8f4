// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.input;

import com.fasterxml.jackson.databind.JsonNode;
import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import io.mtlsmigration.api.problem.ProblemDetail.FieldError;
import io.mtlsmigration.wire.WireRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the request for a wire check. */
public final class WireRequestBinder {

  private WireRequestBinder() {}

  /**
   * Reads a body.
   *
   * @throws ApiException 422 with every error
   */
  public static WireRequest bind(JsonNode body) {
    List<FieldError> errors = new ArrayList<>();
    BodyFields fields = BodyFields.of(body, errors);
    String namespace = fields.required("namespace");
    String workload = name(fields, "workload");
    String pod = name(fields, "pod");
    Integer port = fields.integer("port", 1, 65_535);
    Duration duration = duration(fields);
    Integer packets = fields.integer("maxPackets", 1, WireRequest.MOST_PACKETS);
    fields.end();
    if (errors.isEmpty() && (workload == null) == (pod == null)) {
      fields.wrongSelf("WRONG_VALUE", "Name either a workload or a pod");
    }
    if (!errors.isEmpty()) {
      throw ApiException.of(ErrorCode.INVALID, errors);
    }
    return new WireRequest(
        namespace,
        workload,
        pod,
        port,
        duration,
        packets == null ? WireRequest.DEFAULT_PACKETS : packets);
  }

  private static @Nullable String name(BodyFields fields, String field) {
    return fields.has(field) ? fields.required(field) : fields.text(field);
  }

  private static Duration duration(BodyFields fields) {
    Duration duration = fields.duration("duration", WireRequest.DEFAULT_DURATION);
    if (duration.compareTo(WireRequest.SHORTEST) < 0
        || duration.compareTo(WireRequest.LONGEST) > 0) {
      fields.wrong(
          "duration",
          "OUT_OF_RANGE",
          "Expected is from " + WireRequest.SHORTEST + " to " + WireRequest.LONGEST);
    }
    return duration;
  }
}
