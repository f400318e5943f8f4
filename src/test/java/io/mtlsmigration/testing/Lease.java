// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.testing;

import io.mtlsmigration.rollout.Leadership;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** The lead of one process, as long as a test says so; by itself it knows of no other's. */
public final class Lease implements Leadership {

  public long term;
  public volatile BooleanSupplier leads = () -> true;
  public Supplier<Optional<Instant>> ledBefore = Optional::empty;

  public Lease(long term) {
    this.term = term;
  }

  @Override
  public boolean leads() {
    return leads.getAsBoolean();
  }

  @Override
  public long term() {
    return term;
  }

  @Override
  public Optional<Instant> ledBefore() {
    return ledBefore.get();
  }

  @Override
  public Optional<String> address() {
    return Optional.empty();
  }
}
