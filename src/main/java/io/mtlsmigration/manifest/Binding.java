// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.Injection;
import org.jspecify.annotations.Nullable;

/** Reads what narrows an Istio object to some proxies, besides its selector. */
final class Binding {

  private Binding() {}

  /**
   * Returns whether a policy is bound to gateways, waypoints or Services, and not to pods. An empty
   * {@code targetRefs} binds it to nothing. Source: {@code GetTargetRefs} in istio
   * pilot/pkg/model/policyattachment.go.
   */
  static boolean attached(ManifestFields spec) {
    return spec.has("targetRef") || !spec.objects("targetRefs").isEmpty();
  }

  /**
   * Returns the only revision whose istiods heed an object; null when all do. Source: {@code
   * LabelsInRevision} in istio pkg/config/model.go.
   */
  static @Nullable String revision(ManifestFields object) {
    ManifestFields labels = object.object("metadata").object("labels");
    return labels.has(Injection.REVISION_LABEL) ? labels.text(Injection.REVISION_LABEL, "") : null;
  }

  /** Records a fault when only the istiods of one revision heed an object. */
  static void ofAllRevisions(ManifestFields object, String noun) {
    String revision = revision(object);
    if (revision != null) {
      object
          .object("metadata")
          .object("labels")
          .fault(
              Injection.REVISION_LABEL,
              "istiods of other revisions than "
                  + revision
                  + " ignore the "
                  + noun
                  + "; a "
                  + noun
                  + " without this label counts for all");
    }
  }
}
