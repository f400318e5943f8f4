// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.api.input.SortField;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(
    name = "CellSort",
    description = "What results of probes may be sorted by. Outcomes from the best, OK, to REFUSED")
public enum CellSort implements SortField {
  FROM,
  TO,
  OUTCOME,
  LATENCY_MS,
  CHECKED_AT
}
