// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.api.input.SortField;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(
    name = "StepSort",
    description = "What a plan's namespaces may be sorted by. Phases in the order of a migration")
public enum StepSort implements SortField {
  NAMESPACE,
  PHASE,
  SINCE,
  AUTOMATIC_ROLLBACKS
}
