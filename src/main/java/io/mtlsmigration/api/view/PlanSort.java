// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.api.input.SortField;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(
    name = "PlanSort",
    description = "What plans may be sorted by. Phases in the order of a plan's life")
public enum PlanSort implements SortField {
  NAME,
  PHASE,
  CREATED_AT
}
