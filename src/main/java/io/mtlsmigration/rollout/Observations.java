// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

/** Port: returns the latest observation. Cheap; may be called from any thread. */
public interface Observations {
  Observation latest();
}
