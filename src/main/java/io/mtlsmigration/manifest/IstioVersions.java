// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import java.util.List;

/** The known versions of Istio's API groups. */
final class IstioVersions {

  private IstioVersions() {}

  static void check(ManifestFields object, String... known) {
    String apiVersion = object.text("apiVersion", "");
    String version = apiVersion.substring(apiVersion.indexOf('/') + 1);
    if (!List.of(known).contains(version)) {
      object.fault("apiVersion", "the version is none of " + List.of(known));
    }
  }
}
