// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import java.util.List;

/**
 * The caller's right to override, asked for when a command turns out to open what is locked. Which
 * plans it concerns is known by the command alone, so the caller is asked while it is carried out.
 */
@FunctionalInterface
public interface Overriding {

  /**
   * Nobody can be asked: a command by kubectl, where the API server's RBAC does not know what an
   * edit opens, and a draft that begins by itself. Their authors may open what their own plan has
   * locked, and nothing else.
   */
  Overriding NOT_ASKED =
      new Overriding() {
        @Override
        public void require(String plan, String what) {
          throw new CommandException.NotAllowed(
              "OVERRIDE_NEEDED",
              what
                  + " needs the verb override on plan "
                  + plan
                  + ": have it done by command over REST, by who holds it, or take it out",
              List.of());
        }

        @Override
        public void requireOwn(String plan, String what) {
          // The verb of the command is enough (ADR 35).
        }
      };

  /**
   * Refuses the command, by an exception, unless the caller holds the verb {@code override}.
   *
   * @param plan on which it is needed
   * @param what needs it, as the subject of a sentence
   */
  void require(String plan, String what);

  /** The same for what the plan itself has locked, and no other one. */
  default void requireOwn(String plan, String what) {
    require(plan, what);
  }
}
