// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.mtlsmigration.plan.DurationText;
import io.mtlsmigration.plan.PlanWindows;
import io.mtlsmigration.plan.Problem;
import io.mtlsmigration.plan.StepName;
import io.mtlsmigration.probe.ProbeRequests;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.commands.WindowChange;
import io.mtlsmigration.wire.WireRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The body of a command. Its published schema is generated from the record, and decides its form;
 * the record checks the rest.
 */
public sealed interface CommandBody {

  /** Bodies that may be left out. */
  Set<Class<? extends CommandBody>> OPTIONAL =
      Set.of(CommentBody.class, ProbeBody.class, BacktestBody.class);

  /**
   * Returns what is wrong, and what the schema cannot express. A value that does not have the form
   * of the schema is null here, and need not be reported again.
   */
  default List<Problem> problems() {
    return List.of();
  }

  private static void mustNotBeBlank(
      List<Problem> problems, String pointer, @Nullable String text) {
    if (text != null && text.isBlank()) {
      problems.add(new Problem(pointer, "REQUIRED", "The field must not be blank"));
    }
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(description = "Consent to exactly one of wave, namespace and mesh")
  record ApprovalBody(
      @Schema(description = "Name of a wave") @Nullable String wave,
      @Schema(description = "Name of a namespace") @Nullable String namespace,
      @Schema(description = "True for the mesh step") @Nullable Boolean mesh,
      @Schema(description = "Is kept") @Nullable String comment,
      @Schema(description = "Hash of the impact that was seen; the present one when left out")
          @Nullable String impactHash)
      implements CommandBody {

    @Override
    public List<Problem> problems() {
      return subjects().size() == 1
          ? List.of()
          : List.of(
              new Problem("", "EXACTLY_ONE", "Expected is one of wave, namespace and mesh: true"));
    }

    /** Returns what is consented to, in the form of the ledger: one of a body without problems. */
    public List<String> subjects() {
      List<String> subjects = new ArrayList<>();
      if (wave != null) {
        subjects.add("wave:" + wave);
      }
      if (namespace != null) {
        subjects.add(StepName.ofNamespace(StepName.namespace(namespace)));
      }
      if (Boolean.TRUE.equals(mesh)) {
        subjects.add(StepName.MESH);
      }
      return subjects;
    }
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(description = "Lets a client fail: exactly one of workload and cidr")
  record IgnoreBody(
      @Schema(description = "namespace/workload, or namespace/* for all of a namespace")
          @Nullable String workload,
      @Schema(description = "Address range") @Nullable String cidr,
      @Schema(description = "Why; is kept") String comment)
      implements CommandBody {

    @Override
    public List<Problem> problems() {
      List<Problem> problems = new ArrayList<>();
      mustNotBeBlank(problems, "/comment", comment);
      return problems;
    }
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(
      description =
          "How long a plan looks before and after a lock: all of it, as read, and changed")
  record WindowsBody(
      @Schema(ref = "Duration", description = "For how long nobody may have sent plaintext")
          String plaintextWindow,
      @Schema(ref = "Duration", description = "For how long all gates must have held") String soak,
      @Schema(ref = "Duration", description = "Length of the dry run of STRICT; none when left out")
          @Nullable String audit,
      @Schema(ref = "Duration", description = "For how long a locked namespace is watched")
          String verificationDuration,
      @Schema(description = "Whether one may be shorter than before; needs the verb override")
          @Nullable Boolean override,
      @Schema(description = "Why; is kept. Required with override") @Nullable String comment)
      implements CommandBody {

    @Override
    public List<Problem> problems() {
      List<Problem> problems = new ArrayList<>();
      duration(problems, "/plaintextWindow", plaintextWindow);
      duration(problems, "/soak", soak);
      duration(problems, "/audit", audit);
      duration(problems, "/verificationDuration", verificationDuration);
      if (Boolean.TRUE.equals(override) && (comment == null || comment.isBlank())) {
        problems.add(new Problem("/comment", "REQUIRED", "Say why; the comment is kept"));
      }
      return problems;
    }

    private static void duration(List<Problem> problems, String pointer, @Nullable String text) {
      if (text != null && DurationText.parse(text).isEmpty()) {
        problems.add(new Problem(pointer, "WRONG_VALUE", "Expected is " + DurationText.EXPECTED));
      }
    }

    /** Returns the change of a body without problems. */
    public WindowChange change() {
      return new WindowChange(
          new PlanWindows(
              DurationText.parse(plaintextWindow).orElseThrow(),
              DurationText.parse(soak).orElseThrow(),
              audit == null ? null : DurationText.parse(audit).orElseThrow(),
              DurationText.parse(verificationDuration).orElseThrow()),
          Boolean.TRUE.equals(override),
          Objects.requireNonNullElse(comment, ""));
    }
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(description = "Lets gates pass once for one step")
  record OverrideBody(
      @Schema(description = "Names of gates, in lower case; not sync", minItems = 1)
          List<String> gates,
      @Schema(description = "Why; is kept") String comment,
      @Schema(
              description =
                  "Whether they pass whatever they find until the lock; without it, they hold for"
                      + " what they have not found yet")
          @Nullable Boolean force)
      implements CommandBody {

    public OverrideBody {
      gates = gates == null ? List.of() : List.copyOf(gates);
    }

    @Override
    public List<Problem> problems() {
      List<Problem> problems = new ArrayList<>();
      mustNotBeBlank(problems, "/comment", comment);
      List<String> known = Arrays.stream(Gate.values()).map(GateView::name).toList();
      for (int i = 0; i < gates.size(); i++) {
        if (!known.contains(gates.get(i))) {
          problems.add(
              new Problem(
                  "/gates/" + i,
                  gates.get(i).isBlank() ? "WRONG_TYPE" : "WRONG_VALUE",
                  "Expected is one of " + String.join(", ", known)));
        }
      }
      return problems;
    }

    /** Returns the gates that are named. */
    public Set<Gate> named() {
      Set<Gate> named = EnumSet.allOf(Gate.class);
      named.removeIf(gate -> !gates.contains(GateView.name(gate)));
      return named;
    }
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(description = "May be left out altogether")
  record CommentBody(@Schema(description = "Is kept") @Nullable String comment)
      implements CommandBody {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(description = "What to probe; everything when left out")
  record ProbeBody(
      @Schema(description = "Clients and Service ports") @Nullable List<PairBody> pairs)
      implements CommandBody {

    @Override
    public List<Problem> problems() {
      List<Problem> problems = new ArrayList<>();
      int index = 0;
      for (ProbeRequests.Pair pair : named()) {
        String pointer = "/pairs/" + index++;
        mustNotBeBlank(problems, pointer + "/from", pair.from());
        mustNotBeBlank(problems, pointer + "/to", pair.to());
      }
      return problems;
    }

    /** Returns the pairs that are named; none for all. */
    public List<ProbeRequests.Pair> named() {
      return pairs == null
          ? List.of()
          : pairs.stream().map(pair -> new ProbeRequests.Pair(pair.from, pair.to)).toList();
    }
  }

  @Schema(description = "A client and a Service port")
  record PairBody(
      @Schema(description = "namespace/workload") String from,
      @Schema(description = "namespace/service:port") String to) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(description = "Where to look: at a workload or at a pod")
  record WireCheckBody(
      @Schema(description = "Name of the namespace") String namespace,
      @Schema(description = "Name of a workload, one of whose pods is looked at")
          @Nullable String workload,
      @Schema(description = "Name of a pod") @Nullable String pod,
      @Schema(
              description =
                  "Container port; all that the pod declares and that Services lead to when left"
                      + " out",
              minimum = "1",
              maximum = "65535")
          @Nullable Integer port,
      @Schema(ref = "Duration", description = "How long, from PT1S to PT60S; PT10S when left out")
          @Nullable String duration,
      @Schema(
              description = "Ends earlier after so many packets; 1000 when left out",
              minimum = "1",
              maximum = "10000")
          @Nullable Integer maxPackets)
      implements CommandBody {

    @Override
    public List<Problem> problems() {
      List<Problem> problems = new ArrayList<>();
      mustNotBeBlank(problems, "/namespace", namespace);
      mustNotBeBlank(problems, "/workload", workload);
      mustNotBeBlank(problems, "/pod", pod);
      Optional<Duration> asked = asked();
      if (asked.isEmpty()) {
        problems.add(
            new Problem("/duration", "WRONG_VALUE", "Expected is " + DurationText.EXPECTED));
      } else if (asked.get().compareTo(WireRequest.SHORTEST) < 0
          || asked.get().compareTo(WireRequest.LONGEST) > 0) {
        problems.add(
            new Problem(
                "/duration",
                "OUT_OF_RANGE",
                "Expected is from " + WireRequest.SHORTEST + " to " + WireRequest.LONGEST));
      }
      if (problems.isEmpty() && (workload == null) == (pod == null)) {
        problems.add(new Problem("", "WRONG_VALUE", "Name either a workload or a pod"));
      }
      return problems;
    }

    private Optional<Duration> asked() {
      return duration == null
          ? Optional.of(WireRequest.DEFAULT_DURATION)
          : DurationText.parse(duration);
    }

    /** Returns the request of a body without problems. */
    public WireRequest request() {
      return new WireRequest(
          namespace,
          workload,
          pod,
          port,
          asked().orElseThrow(),
          Objects.requireNonNullElse(maxPackets, WireRequest.DEFAULT_PACKETS));
    }
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(description = "The time to judge, in whole hours; may be left out altogether")
  record BacktestBody(
      @Schema(
              format = "date-time",
              description =
                  "When the plan would have been started, rounded up to the hour; as far back as"
                      + " history reaches when left out, and at most 90 days",
              examples = "2026-10-01T00:00:00Z")
          @Nullable String from,
      @Schema(
              format = "date-time",
              description = "End, rounded down to the hour; now when left out",
              examples = "2026-11-01T00:00:00Z")
          @Nullable String to,
      @Schema(
              description =
                  "Names of namespaces to judge; all of the plan when left out. Required of a plan"
                      + " that has more than a hundred",
              minItems = 1,
              maxItems = MOST)
          @Nullable List<String> namespaces)
      implements CommandBody {

    /** Namespaces that are judged at a time. */
    public static final int MOST = 100;

    public BacktestBody {
      namespaces = namespaces == null ? null : List.copyOf(namespaces);
    }

    @Override
    public List<Problem> problems() {
      List<Problem> problems = new ArrayList<>();
      checkInstant(problems, "/from", from);
      checkInstant(problems, "/to", to);
      Instant begin = parsed(from).orElse(null);
      Instant end = parsed(to).orElse(null);
      if (begin != null && end != null && !begin.isBefore(end)) {
        problems.add(new Problem("/to", "OUT_OF_RANGE", "Expected is an instant after from"));
      }
      return problems;
    }

    private static void checkInstant(
        List<Problem> problems, String pointer, @Nullable String text) {
      if (text != null && parsed(text).isEmpty()) {
        problems.add(
            new Problem(
                pointer,
                "WRONG_VALUE",
                "Expected is an instant with its offset, such as 2026-10-01T00:00:00Z or"
                    + " 2026-10-01T02:00:00+02:00"));
      }
    }

    private static Optional<Instant> parsed(@Nullable String text) {
      try {
        return text == null
            ? Optional.empty()
            : Optional.of(OffsetDateTime.parse(text).toInstant());
      } catch (DateTimeParseException e) {
        return Optional.empty();
      }
    }

    /** Returns the beginning in a body without problems; null when it was left out. */
    public @Nullable Instant begin() {
      return parsed(from).orElse(null);
    }

    /** Returns the end in a body without problems; null when it was left out. */
    public @Nullable Instant end() {
      return parsed(to).orElse(null);
    }
  }
}
