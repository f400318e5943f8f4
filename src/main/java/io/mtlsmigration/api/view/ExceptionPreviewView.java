// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** What the end of an exception would refuse. */
@Schema(
    name = "ExceptionPreview",
    description = "What is refused once an exception has ended; nothing was stored")
public record ExceptionPreviewView(
    @Schema(
            description = "Always ExceptionPreview: tells it from a Plan",
            enumeration = ExceptionPreviewView.KIND)
        String kind,
    @Schema(description = "Always true") boolean dryRun,
    @Schema(description = "The exception that would end") ExceptionView exception,
    @Schema(
            description =
                "What comes first, as the 409 would say it; null when the exception may end now")
        @Nullable String hindrance,
    @Schema(
            description =
                "The lock of its namespace without it, with what is in place taken back before")
        ImpactView impact) {

  private static final String KIND = "ExceptionPreview";

  public static ExceptionPreviewView of(
      ExceptionView exception, @Nullable String hindrance, ImpactView impact) {
    return new ExceptionPreviewView(KIND, true, exception, hindrance, impact);
  }
}
