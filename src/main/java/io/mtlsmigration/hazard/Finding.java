package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.ObjectRef;
import java.util.List;

/**
 * One hazard met in the mesh.
 *
 * @param namespace the namespace whose lockdown it concerns
 * @param port the container port concerned, 0 when it is not about one
 */
public record Finding(
    HazardCode code,
    Severity severity,
    String namespace,
    ObjectRef subject,
    int port,
    String message,
    String remedy,
    List<String> references) {
  public Finding {
    references = List.copyOf(references);
  }
}
