// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.api.input.SortField;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(
    name = "NamespaceSort",
    description =
        "What namespaces may be sorted by. Postures from the least protected to STRICT, phases in the order of a migration, findings by blockers, then warnings, then the rest")
public enum NamespaceSort implements SortField {
  NAME,
  POSTURE,
  WORKLOADS,
  CAPTURED,
  PODS,
  CAPTURED_PODS,
  PLAINTEXT_CLIENTS,
  FINDINGS,
  PHASE
}
