// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.api.input.SortField;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(
    name = "FindingSort",
    description = "What findings may be sorted by. Severities from INFO to BLOCKER")
public enum FindingSort implements SortField {
  SEVERITY,
  NAMESPACE,
  CODE
}
