// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.plan.Ratchet;

/**
 * Port: the ratchet as people have installed it, if they have. The service never installs or
 * tightens it; it lifts single entries before it weakens something itself.
 */
public interface InstalledRatchet {

  /** Returns the namespace where the ratchet's entries are kept. */
  String namespace();

  /** Reads the ratchet from the API server, not from a cache. */
  State read();

  /**
   * Lifts one entry, if it is held. After {@link Lift.Lifted} the change is stored; only a dry run
   * of the write can tell whether admission knows of it too.
   *
   * @param key a namespace, or {@link Ratchet#MESH}
   */
  Lift lift(String key);

  /** The state of the installed ratchet. */
  sealed interface State {
    /** Entries exist; {@code enforced} says whether the policy that reads them exists too. */
    record Present(Ratchet ratchet, boolean enforced, String detail) implements State {}

    /** No entry is held. */
    record Absent(String detail) implements State {}

    /** The state is unknown. */
    record Unknown(String detail) implements State {}
  }

  /** The result of lifting an entry. */
  sealed interface Lift {
    /** No entry was held, as far as can be seen. */
    record Free() implements Lift {}

    /** The entry was held and has been lifted. */
    record Lifted() implements Lift {}

    /**
     * The entry is held and could not be lifted.
     *
     * @param detail names the object and the remedy
     */
    record Held(String detail) implements Lift {}
  }
}
