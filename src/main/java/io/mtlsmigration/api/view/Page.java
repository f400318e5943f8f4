// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.mtlsmigration.api.input.Paging;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(description = "A part of a list, in stable order")
public record Page<T>(
    @Schema(description = "The entries of this part") List<T> items,
    @Schema(
            description =
                "Give it as the parameter of this name for the next part; null at the end")
        @JsonProperty("continue")
        @Nullable String next,
    @Schema(description = Page.REMAINING) int remaining) {

  static final String REMAINING = "Number of entries after this part; 0 at the end";

  public static <T> Page<T> of(Paging.Part<T> part) {
    return new Page<>(part.items(), part.next(), part.remaining());
  }
}
