// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.worklist.Owners;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The configured labels that name an object's owner. */
@Singleton
final class OwnerLabels {

  private final List<String> labels;

  OwnerLabels(
      @ConfigProperty(
              name = "mtls-migration.owner-labels",
              defaultValue = "owner,team,app.kubernetes.io/part-of")
          Optional<List<String>> labels) {
    this.labels = labels.orElse(List.of());
  }

  /** Returns the owners for one answer. */
  Owners owners(MeshSnapshot snapshot) {
    return new Owners(snapshot, labels);
  }
}
