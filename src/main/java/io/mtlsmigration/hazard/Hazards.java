package io.mtlsmigration.hazard;

import io.mtlsmigration.mtls.MeshModes;
import java.util.List;

/** The catalogue, applied. */
public final class Hazards {

  private Hazards() {}

  /** Findings of one namespace, most severe first, then by code and subject. */
  public static List<Finding> of(MeshModes modes, String namespace) {
    throw new UnsupportedOperationException();
  }
}
