// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * An RFC 9457 problem. Registered for reflection, since it is written by exception mappers, whose
 * signatures do not name it.
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(name = "Problem", description = "Why a call failed (RFC 9457)")
public record ProblemDetail(
    @Schema(description = "Stable URN of the kind of problem") String type,
    @Schema(description = "Stable code from the catalogue, the last part of type in upper case")
        String code,
    @Schema(description = "The kind of problem in words") String title,
    @Schema(description = "HTTP status") int status,
    @Schema(description = "What went wrong here, and what to do") String detail,
    @Schema(description = "Path of the request") String instance,
    @Schema(description = "Every wrong field or parameter; left out when there is none")
        @Nullable List<FieldError> errors,
    @Schema(description = "With 409: what may be done instead")
        @Nullable List<String> allowedActions,
    @Schema(description = "With 500: to be found in the log") @Nullable String incident) {

  public static final String MEDIA_TYPE = "application/problem+json";

  /**
   * Returns a problem of the catalogue without further members.
   *
   * @param instance path of the request
   */
  public static ProblemDetail of(ErrorCode code, String detail, String instance) {
    return new ProblemDetail(
        code.type(), code.name(), code.title(), code.status(), detail, instance, null, null, null);
  }

  /** One wrong place in the input: {@code pointer} for a body, {@code parameter} for a query. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "FieldError", description = "One wrong place in the input")
  public record FieldError(
      @Schema(description = "JSON pointer (RFC 6901) into the body; empty for the whole body")
          @Nullable String pointer,
      @Schema(description = "Name of the query parameter or header") @Nullable String parameter,
      @Schema(description = "Stable code, upper snake case") String code,
      @Schema(description = "What is wrong, and what is expected") String detail) {

    public static FieldError at(String pointer, String code, String detail) {
      return new FieldError(pointer, null, code, detail);
    }

    public static FieldError parameter(String name, String code, String detail) {
      return new FieldError(null, name, code, detail);
    }

    /** Returns an error of a parameter with a value that is not allowed. */
    public static FieldError wrong(String parameter, String detail) {
      return parameter(parameter, "WRONG_VALUE", detail);
    }
  }
}
