// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.api.input.SortField;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(name = "PolicySort", description = "What policies may be sorted by")
public enum PolicySort implements SortField {
  NAMESPACE,
  NAME,
  CREATED_AT
}
