package io.mtlsmigration.rollout;

/** Port: the freshest observation there is. Cheap; may be called from any thread. */
public interface Observations {
  Observation latest();
}
