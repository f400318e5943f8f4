package io.mtlsmigration.rollout;

import io.mtlsmigration.mtls.EffectiveMode;
import io.mtlsmigration.plan.PolicyChange;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A write that is about to be made, recorded before it is made, so that whoever comes next can tell
 * what happened to it.
 *
 * @param marker unique; a created object carries it as an annotation
 * @param uid of the object to change; empty for a create
 * @param resourceVersion that the object must still have; empty for a create, which demands absence
 * @param term the writer's lease transitions; a later leader reconciles intents of earlier ones
 * @param previous the effective mode of the object's scope when it was decided on: whoever records
 *     its end may see another one; null when it is not known
 */
public record WriteIntent(
    PolicyChange change,
    String marker,
    String uid,
    String resourceVersion,
    long term,
    Instant at,
    @Nullable EffectiveMode previous) {

  /** One of which nobody knows what was in force before. */
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
