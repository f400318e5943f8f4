// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.kubernetes.resource.MigrationPlan;
import io.mtlsmigration.kubernetes.resource.MigrationPlanStatus.Subject;
import io.mtlsmigration.mesh.Cidr;
import io.mtlsmigration.plan.PlanSpec.IgnoredClient;
import io.mtlsmigration.rollout.Approval;
import io.mtlsmigration.rollout.PlanAction;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.commands.CommandException;
import io.mtlsmigration.rollout.commands.PlanCommands;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Carries out the commands in a plan's annotations, and removes the annotations.
 *
 * <p>After a crash in between, the next leader finds the annotation of a command that has been
 * carried out. For most commands that is harmless: the plan is already where the command leads, or
 * is held once more. {@code resume} is the exception, since somebody may have paused the plan
 * meanwhile; so its annotation is removed first: the command may be lost, but is never repeated.
 *
 * <p>A command is of the object that carries it. Another plan of its name may be made meanwhile, of
 * which nobody has asked anything.
 */
final class CommandAnnotations {

  /** The separator between an approval's subject and the hash of its impact. */
  private static final char OF_IMPACT = '@';

  private static final String WAVE = "wave:";

  /** The number of attempts to save, as of commands over REST. */
  private static final int TRIES = 5;

  private final ClusterLedger ledger;
  private final PlanCommands commands;
  private final Conditions conditions;
  private final Map<String, String> carriedOut = new HashMap<>();
  private final List<String> outcomes = new ArrayList<>();
  private String refusal = "";
  private String plan = "";

  CommandAnnotations(ClusterLedger ledger, PlanCommands commands, Conditions conditions) {
    this.ledger = ledger;
    this.commands = commands;
    this.conditions = conditions;
  }

  /**
   * Carries out all commands. The action comes first, since an approval given at the same time may
   * need a running plan. Approvals come last, since changes void them.
   */
  void carryOut(CachedPlan object, PlanRecord record) {
    plan = object.name();
    Map<String, String> annotations = Values.map(object.object().getMetadata().getAnnotations());
    String action = annotations.get(MigrationPlan.ACTION_ANNOTATION);
    if (action != null) {
      act(object, record, action);
    }
    String client = annotations.get(MigrationPlan.IGNORE_ANNOTATION);
    if (client != null) {
      ignore(object, client);
    }
    String approval = annotations.get(MigrationPlan.APPROVE_ANNOTATION);
    if (approval != null) {
      String comment = annotations.get(MigrationPlan.COMMENT_ANNOTATION);
      approve(object, record, approval, comment);
    }
    if (!outcomes.isEmpty()) {
      boolean all = refusal.isEmpty();
      String reason = all ? "CarriedOut" : refusal;
      conditions.put(Conditions.COMMANDED, all, reason, String.join("; ", outcomes));
    }
  }

  /** Removes annotations that were carried out or refused, unless they have changed meanwhile. */
  void clear() {
    if (!carriedOut.isEmpty() && !ledger.store().consume(plan, carriedOut)) {
      carriedOut.forEach((name, value) -> ledger.store().consume(plan, Map.of(name, value)));
    }
    carriedOut.clear();
  }

  private void act(CachedPlan object, PlanRecord record, String text) {
    Map<String, String> annotation = Map.of(MigrationPlan.ACTION_ANNOTATION, text);
    PlanAction action = action(text).orElse(null);
    if (action == null) {
      carriedOut.putAll(annotation);
      refused(text, "UnknownAction", "there is no such action", allowed(record));
    } else if (leadsTo(action) == record.phase()) {
      carriedOut.putAll(annotation);
      done(text, "the plan is " + record.phase());
    } else if (action == PlanAction.START && object.unwanted()) {
      carriedOut.putAll(annotation);
      refused(text, "Deleting", "the plan is being deleted", "");
    } else if (action == PlanAction.START
        && record.phase() == PlanPhase.DRAFT
        && !ledger.startable(record)) {
      // The annotation stays: what it starts is the plan as its object says.
      refused(text, "NotAccepted", "the plan starts as soon as this spec is accepted", "");
    } else if (action == PlanAction.RESUME
        && record.phase() == PlanPhase.PAUSED
        && !object.unwanted()
        && !ledger.startable(record)) {
      carriedOut.putAll(annotation);
      refused(
          text,
          "NotAccepted",
          "the plan would go on without what this spec changes: put the spec back, or do what the"
              + " condition Accepted asks for, and resume it then",
          "");
    } else if (action != PlanAction.RESUME || ledger.store().consume(plan, annotation)) {
      String actor =
          FieldManagers.ofAnnotation(
              object.object().getMetadata(), MigrationPlan.ACTION_ANNOTATION);
      attempt(
          object,
          action == PlanAction.RESUME ? Map.of() : annotation,
          text,
          version ->
              done(text, "the plan is " + commands.act(plan, action, version, actor).phase()));
    }
  }

  private static Optional<PlanAction> action(String text) {
    return switch (text) {
      case "start" -> Optional.of(PlanAction.START);
      case "pause" -> Optional.of(PlanAction.PAUSE);
      case "resume" -> Optional.of(PlanAction.RESUME);
      case "abort" -> Optional.of(PlanAction.ABORT);
      case "rollback" -> Optional.of(PlanAction.ROLLBACK);
      case "cleanup" -> Optional.of(PlanAction.CLEANUP);
      default -> Optional.empty();
    };
  }

  private static @Nullable PlanPhase leadsTo(PlanAction action) {
    return switch (action) {
      case START, RESUME -> PlanPhase.RUNNING;
      case PAUSE -> PlanPhase.PAUSED;
      case ABORT -> PlanPhase.ABORTED;
      case ROLLBACK -> PlanPhase.ROLLED_BACK;
      case CLEANUP -> PlanPhase.CLEANED_UP;
      case DELETE -> null;
    };
  }

  /** Adds an ignored client. Repeating it is harmless: a known client changes nothing. */
  private void ignore(CachedPlan object, String text) {
    String[] words = text.strip().split(" ", 2);
    IgnoredClient client =
        Cidr.isValid(words[0])
            ? new IgnoredClient(words[0], null)
            : new IgnoredClient(null, words[0]);
    String comment = words.length == 1 ? "" : words[1].strip();
    String actor =
        FieldManagers.ofAnnotation(object.object().getMetadata(), MigrationPlan.IGNORE_ANNOTATION);
    attempt(
        object,
        Map.of(MigrationPlan.IGNORE_ANNOTATION, text),
        "ignore-client " + text,
        version -> {
          commands.ignore(plan, client, comment, version, actor);
          done("ignore-client " + text, words[0] + " may fail from now on; approvals are void");
        });
  }

  private void approve(
      CachedPlan object, PlanRecord record, String text, @Nullable String commented) {
    Map<String, String> annotations = new HashMap<>();
    annotations.put(MigrationPlan.APPROVE_ANNOTATION, text);
    if (commented != null) {
      annotations.put(MigrationPlan.COMMENT_ANNOTATION, commented);
    }
    String what = "approve " + text;
    int at = text.lastIndexOf(OF_IMPACT);
    String subject = at < 0 ? text : text.substring(0, at);
    String hash = at < 0 ? shown(object, subject) : text.substring(at + 1);
    String comment = Values.text(commented);
    if (hash == null) {
      carriedOut.putAll(annotations);
      refused(
          what,
          "NotShown",
          "status.awaiting shows no impact of it; name the one that you have looked at: %s%sHASH"
              .formatted(subject, OF_IMPACT),
          "");
    } else if (given(record, subject, hash, comment)) {
      carriedOut.putAll(annotations);
      done(what, "approved");
    } else {
      String actor =
          FieldManagers.ofAnnotation(
              object.object().getMetadata(), MigrationPlan.APPROVE_ANNOTATION);
      attempt(
          object,
          annotations,
          what,
          version -> {
            commands.approve(plan, subject, hash, comment, version, actor);
            done(what, "approved with the impact " + hash);
          });
    }
  }

  private static @Nullable String shown(CachedPlan object, String subject) {
    for (Subject awaited : object.notes().awaiting()) {
      if (subject.equals(awaited.name())) {
        return awaited.impactHash();
      }
    }
    return null;
  }

  /**
   * Returns whether the approval was given, but its annotation not removed (after a crash). One of
   * an earlier attempt was given before: it is void, and this one is another.
   */
  private boolean given(PlanRecord record, String subject, String hash, String comment) {
    return record.approvals().stream()
        .filter(approval -> approval.subject().equals(subject))
        .anyMatch(
            approval ->
                approval.generation() == record.generation()
                    && approval.impactHash().equals(hash)
                    && approval.comment().equals(comment)
                    && steps(record, approval).allMatch(key -> ofItsAttempt(record, key)));
  }

  private static Stream<String> steps(PlanRecord record, Approval approval) {
    return approval.subject().startsWith(WAVE)
        ? record.waves().stream()
            .filter(wave -> wave.name().equals(approval.subject().substring(WAVE.length())))
            .flatMap(wave -> wave.namespaces().stream())
        : Stream.of(approval.subject());
  }

  private boolean ofItsAttempt(PlanRecord record, String subject) {
    int attempt =
        StepKey.parse(subject)
            .flatMap(key -> ledger.step(record.name(), key))
            .map(StepRecord::attempt)
            .orElse(1);
    return record.approvals().stream()
        .anyMatch(one -> one.subject().equals(subject) && one.attempt() == attempt);
  }

  /**
   * Runs a command and records its outcome.
   *
   * @param annotations to be removed afterwards; empty when they have been removed before
   * @param command given the version that the plan must have
   */
  private void attempt(
      CachedPlan object, Map<String, String> annotations, String what, Consumer<String> command) {
    try {
      tried(object, annotations, command);
      carriedOut.putAll(annotations);
    } catch (CommandException.Stale e) {
      // The decision was based on outdated state. An annotation that is still there is handled next
      // turn.
      if (annotations.isEmpty()) {
        refused(what, reason(e), String.valueOf(e.getMessage()), "");
      }
    } catch (CommandException e) {
      carriedOut.putAll(annotations);
      refused(what, reason(e), String.valueOf(e.getMessage()), allowed(e));
    }
  }

  /**
   * Repeats a command when the plan has just been saved, but only while its annotations are there:
   * another leader may have carried it out, and somebody have changed the plan since. One whose
   * annotation was removed before is of the plan as it was then.
   */
  private void tried(CachedPlan object, Map<String, String> annotations, Consumer<String> command) {
    String version = object.version();
    for (int left = TRIES; ; left--) {
      try {
        command.accept(version);
        return;
      } catch (CommandException.Stale e) {
        CachedPlan held = ledger.object(plan);
        if (left == 0
            || annotations.isEmpty()
            || held == null
            || !asks(held, object, annotations)) {
          throw e;
        }
        version = held.version();
      }
    }
  }

  private static boolean asks(CachedPlan held, CachedPlan object, Map<String, String> annotations) {
    return held.uid().equals(object.uid())
        && Values.map(held.object().getMetadata().getAnnotations())
            .entrySet()
            .containsAll(annotations.entrySet());
  }

  private static String reason(CommandException refusal) {
    return switch (refusal) {
      case CommandException.NotAllowed e ->
          switch (e.code()) {
            case "PHASE" -> "NotAllowed";
            case "OVERLAP" -> "Conflict";
            default -> PlanConditions.reason(e.code());
          };
      case CommandException.Invalid e -> "Invalid";
      case CommandException.NotFound e -> "NotFound";
      case CommandException.Stale e -> "Stale";
    };
  }

  private static String allowed(CommandException refusal) {
    return refusal instanceof CommandException.NotAllowed e && !e.allowedActions().isEmpty()
        ? PlanConditions.actions(e.allowedActions().stream().map(PlanAction::valueOf).toList())
        : "";
  }

  private String allowed(PlanRecord record) {
    return PlanConditions.actions(commands.allowedActions(record));
  }

  private void done(String command, String outcome) {
    outcomes.add("\"" + command + "\" was carried out: " + outcome);
  }

  private void refused(String command, String reason, String why, String allowed) {
    refusal = refusal.isEmpty() ? reason : refusal;
    outcomes.add(
        "\"" + command + "\" was refused: " + why + (allowed.isEmpty() ? "" : "; " + allowed));
  }
}
