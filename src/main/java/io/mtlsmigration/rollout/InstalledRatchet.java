package io.mtlsmigration.rollout;

import io.mtlsmigration.plan.Ratchet;

/**
 * Port: the ratchet as people have installed it, if they have. The service never installs or
 * tightens it; it lifts single entries, before it makes something weaker itself.
 */
public interface InstalledRatchet {

  /** Where there is none. */
  InstalledRatchet NONE =
      new InstalledRatchet() {
        @Override
        public String namespace() {
          return "mtls-migration";
        }

        @Override
        public State read() {
          return new State.Absent("there is no ratchet here");
        }

        @Override
        public Lift lift(String key) {
          return new Lift.Free();
        }
      };

  /** Where its entries are kept. */
  String namespace();

  /** Asks the API server, not a cache. */
  State read();

  /**
   * Lets go of one entry, if it is held. When this returns {@link Lift.Lifted} the entry is stored;
   * that admission knows of it too, only a dry run of the write can tell.
   *
   * @param key a namespace, or {@link Ratchet#MESH}
   */
  Lift lift(String key);

  /** What is there. */
  sealed interface State {
    /** Entries, and whether the policy that reads them is there too. */
    record Present(Ratchet ratchet, boolean enforced, String detail) implements State {}

    /** Nothing is held. */
    record Absent(String detail) implements State {}

    /** Nobody can say. */
    record Unknown(String detail) implements State {}
  }

  /** What became of an entry. */
  sealed interface Lift {
    /** Nothing was held, as far as can be seen. */
    record Free() implements Lift {}

    /** It was held, and is not any more. */
    record Lifted() implements Lift {}

    /**
     * It is held, and could not be let go of.
     *
     * @param detail names the object and the remedy
     */
    record Held(String detail) implements Lift {}
  }
}
