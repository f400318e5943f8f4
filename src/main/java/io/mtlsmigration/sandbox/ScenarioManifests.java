// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.manifest.FactsReader;
import io.mtlsmigration.manifest.Manifest;
import io.mtlsmigration.manifest.Templates;

/** The rules for manifests in scenarios. */
final class ScenarioManifests {

  static final String GROUP = "sandbox.mtls-migration.io";

  /**
   * The annotation of an object that its schema refuses: such an object was stored before the
   * schema became as strict, which is how unreadable objects arise in real clusters.
   */
  private static final String STORED_ANYWAY = GROUP + "/stored-anyway";

  private ScenarioManifests() {}

  /** Returns a reader for folders, which hold workloads, not pods. */
  static FactsReader reader() {
    return new FactsReader(Templates.AS_PODS);
  }

  static boolean storedAnyway(Manifest manifest) {
    return manifest
        .tree()
        .path("metadata")
        .path("annotations")
        .path(STORED_ANYWAY)
        .asText("")
        .equals("true");
  }
}
