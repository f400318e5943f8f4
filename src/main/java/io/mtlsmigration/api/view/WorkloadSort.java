// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.api.input.SortField;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(
    name = "WorkloadSort",
    description = "What workloads may be sorted by. Data planes and modes from the least protected")
public enum WorkloadSort implements SortField {
  NAMESPACE,
  NAME,
  KIND,
  DATA_PLANE,
  MODE,
  PODS,
  CAPTURED_PODS
}
