// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.api.input.SortField;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(
    name = "TrafficSort",
    description = "What edges may be sorted by. Of security, plaintext comes first")
public enum TrafficSort implements SortField {
  FROM,
  TO,
  SECURITY,
  COUNT,
  FIRST_SEEN,
  LAST_SEEN
}
