// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.mtls.EffectiveMode;
import io.mtlsmigration.plan.PolicyChange;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A write that is about to be made, recorded beforehand so that a later process can tell what
 * became of it.
 *
 * @param marker unique; a created object carries it as an annotation
 * @param uid UID of the object to change; empty for a create
 * @param resourceVersion the version that the object must still have; empty for a create, which
 *     demands absence
 * @param term the writer's lease transitions; a later leader reconciles intents of earlier ones
 * @param previous the effective mode of the object's scope at the time of the decision, because it
 *     may be different when the result is recorded; null when it is not known
 */
public record WriteIntent(
    PolicyChange change,
    String marker,
    String uid,
    String resourceVersion,
    long term,
    Instant at,
    @Nullable EffectiveMode previous) {

  /** An intent without a known previous mode. */
  public WriteIntent(
      PolicyChange change,
      String marker,
      String uid,
      String resourceVersion,
      long term,
      Instant at) {
    this(change, marker, uid, resourceVersion, term, at, null);
  }
}
