// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import io.mtlsmigration.plan.Problem;
import java.util.List;

/** The reason why a person's command was rejected. The command has changed nothing. */
public abstract sealed class CommandException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private CommandException(String message) {
    super(message);
  }

  /** There is no such plan, namespace or step. */
  public static final class NotFound extends CommandException {
    private static final long serialVersionUID = 1L;

    public NotFound(String message) {
      super(message);
    }
  }

  /** The phase, or another plan, does not allow it. */
  public static final class NotAllowed extends CommandException {
    private static final long serialVersionUID = 1L;
    private final String code;
    private final transient List<String> allowedActions;

    /** {@code code} is stable, such as {@code PHASE}, {@code OVERLAP}, {@code ALREADY_EXISTS}. */
    public NotAllowed(String code, String message, List<String> allowedActions) {
      super(message);
      this.code = code;
      this.allowedActions = List.copyOf(allowedActions);
    }

    public String code() {
      return code;
    }

    public List<String> allowedActions() {
      return allowedActions;
    }
  }

  /** The record has changed since the caller read it. */
  public static final class Stale extends CommandException {
    private static final long serialVersionUID = 1L;

    public Stale(String message) {
      super(message);
    }
  }

  /** The input is wrong; every problem is named. */
  public static final class Invalid extends CommandException {
    private static final long serialVersionUID = 1L;
    private final transient List<Problem> problems;

    public Invalid(List<Problem> problems) {
      super(problems.isEmpty() ? "invalid" : problems.getFirst().detail());
      this.problems = List.copyOf(problems);
    }

    public List<Problem> problems() {
      return problems;
    }
  }
}
