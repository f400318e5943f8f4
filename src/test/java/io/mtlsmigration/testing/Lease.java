// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.testing;

import io.mtlsmigration.rollout.Leadership;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** The lead of one process, as long as a test says so; nobody knows of another's. */
public final class Lease implements Leadership {

  public long term;
  public volatile BooleanSupplier leads = () -> true;

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
  public Optional<String> address() {
    return Optional.empty();
  }
}
