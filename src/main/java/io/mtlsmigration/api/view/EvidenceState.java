// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.traffic.Evidence;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(description = "What a source of evidence can say; silence is never taken for no plaintext")
public enum EvidenceState {
  MEASURED,
  NO_SAMPLES,
  UNAVAILABLE;

  public static EvidenceState of(Evidence<?> evidence) {
    return switch (evidence) {
      case Evidence.Measured<?> m -> MEASURED;
      case Evidence.NoSamples<?> n -> NO_SAMPLES;
      case Evidence.Unavailable<?> u -> UNAVAILABLE;
    };
  }
}
