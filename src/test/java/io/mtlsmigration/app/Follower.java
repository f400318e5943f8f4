// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.rollout.Leadership;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** The part of a replica in an election that a test decides. */
@Alternative
@Singleton
public final class Follower implements Leadership {

  static volatile BooleanSupplier leads = () -> false;
  static volatile String address = "";

  @Override
  public boolean leads() {
    return leads.getAsBoolean();
  }

  @Override
  public long term() {
    return 1;
  }

  @Override
  public Optional<String> address() {
    return Optional.of(address).filter(known -> !known.isEmpty());
  }
}
