package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.kubernetes.resource.MigrationPlanSpec;
import io.mtlsmigration.kubernetes.resource.ResourceJson;
import io.mtlsmigration.kubernetes.resource.SelectorSpec;
import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.plan.ChangeWindow;
import io.mtlsmigration.plan.DurationText;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.Problem;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The spec of a MigrationPlan, with every default filled in: what REST makes of the same body. The
 * API server has judged its form by the schema; this says what a schema cannot, and holds when the
 * schema in the cluster is another version's.
 *
 * @param spec with the default in place of whatever is wrong
 * @param problems pointers are those of a plan's body; empty when nothing is wrong
 */
record PlanReading(PlanSpec spec, List<Problem> problems) {

  private static final LocalDate NEVER = LocalDate.MAX;

  PlanReading {
    problems = List.copyOf(problems);
  }

  static PlanReading ofTree(String name, @Nullable Object tree) {
    try {
      MigrationPlanSpec spec = ResourceJson.read(tree, MigrationPlanSpec.class);
      return of(name, spec == null ? EMPTY : spec);
    } catch (ResourceJson.MalformedException e) {
      PlanReading nothing = of(name, EMPTY);
      return new PlanReading(nothing.spec(), List.of(e.problem()));
    }
  }

  private static final MigrationPlanSpec EMPTY =
      new MigrationPlanSpec(null, null, null, null, null, null, null, null, null);

  static PlanReading of(String name, MigrationPlanSpec spec) {
    Reader reader = new Reader();
    PlanSpec read =
        new PlanSpec(
            name,
            or(spec.target(), PlanSpec.Target.NAMESPACES),
            reader.scope(spec.scope()),
            reader.waves(spec),
            reader.gates(spec.gates()),
            reader.verification(spec.verification()),
            or(spec.onFailure(), PlanSpec.OnFailure.ROLLBACK),
            or(spec.apply(), PlanSpec.Apply.DIRECT),
            or(spec.adopt(), false),
            reader.exceptions(spec));
    return new PlanReading(read, reader.problems);
  }

  private static <T> T or(@Nullable T value, T standard) {
    return value == null ? standard : value;
  }

  /** Reads on when something is wrong, so that all of it is named at once. */
  private static final class Reader {

    private final List<Problem> problems = new ArrayList<>();

    private void wrong(String pointer, String code, String detail) {
      problems.add(new Problem(pointer, code, detail));
    }

    private String required(@Nullable String text, String pointer) {
      if (text == null || text.isBlank()) {
        wrong(pointer, "REQUIRED", "The field is required, and must not be blank");
      }
      return Values.text(text);
    }

    private List<String> texts(@Nullable List<String> texts, String pointer) {
      List<String> read = new ArrayList<>();
      for (String text : Values.list(texts)) {
        read.add(required(text, pointer + "/" + read.size()));
      }
      return read;
    }

    private Duration duration(@Nullable String text, Duration standard, String pointer) {
      Duration duration = duration(text, pointer);
      return duration == null ? standard : duration;
    }

    private @Nullable Duration duration(@Nullable String text, String pointer) {
      if (text == null) {
        return null;
      }
      Optional<Duration> duration = DurationText.parse(text);
      if (duration.isEmpty()) {
        wrong(
            pointer,
            "WRONG_VALUE",
            "Expected is " + DurationText.EXPECTED + ", found \"" + text + "\"");
      }
      return duration.orElse(null);
    }

    private PlanSpec.Scope scope(MigrationPlanSpec.@Nullable Scope scope) {
      return scope == null
          ? PlanSpec.Scope.EVERYTHING
          : new PlanSpec.Scope(
              texts(scope.namespaces(), "/scope/namespaces"),
              selector(scope.selector(), "/scope/selector"));
    }

    private List<PlanSpec.WaveSpec> waves(MigrationPlanSpec spec) {
      List<PlanSpec.WaveSpec> waves = new ArrayList<>();
      for (MigrationPlanSpec.Wave wave : Values.list(spec.waves())) {
        String pointer = "/waves/" + waves.size();
        waves.add(
            new PlanSpec.WaveSpec(
                required(wave.name(), pointer + "/name"),
                texts(wave.namespaces(), pointer + "/namespaces"),
                selector(wave.selector(), pointer + "/selector")));
      }
      return waves;
    }

    private @Nullable LabelSelector selector(@Nullable SelectorSpec selector, String pointer) {
      if (selector == null) {
        return null;
      }
      List<LabelSelector.Requirement> requirements = new ArrayList<>();
      int index = 0;
      for (SelectorSpec.Requirement given : Values.list(selector.matchExpressions())) {
        requirement(given, pointer + "/matchExpressions/" + index++).ifPresent(requirements::add);
      }
      return new LabelSelector(Values.map(selector.matchLabels()), requirements);
    }

    private Optional<LabelSelector.Requirement> requirement(
        SelectorSpec.Requirement given, String pointer) {
      String key = required(given.key(), pointer + "/key");
      List<String> values = texts(given.values(), pointer + "/values");
      SelectorSpec.Operator operator = given.operator();
      if (operator == null) {
        wrong(pointer + "/operator", "REQUIRED", "The field is required");
        return Optional.empty();
      }
      boolean needsValues =
          operator == SelectorSpec.Operator.IN || operator == SelectorSpec.Operator.NOT_IN;
      if (needsValues == values.isEmpty()) {
        wrong(
            pointer + "/values",
            needsValues ? "REQUIRED" : "WRONG_VALUE",
            needsValues ? "In and NotIn need values" : "Exists and DoesNotExist take no values");
      }
      LabelSelector.Operator meant =
          switch (operator) {
            case IN -> LabelSelector.Operator.IN;
            case NOT_IN -> LabelSelector.Operator.NOT_IN;
            case EXISTS -> LabelSelector.Operator.EXISTS;
            case DOES_NOT_EXIST -> LabelSelector.Operator.DOES_NOT_EXIST;
          };
      return Optional.of(new LabelSelector.Requirement(key, meant, values));
    }

    private PlanSpec.Gates gates(MigrationPlanSpec.@Nullable Gates gates) {
      PlanSpec.Gates standard = PlanSpec.Gates.DEFAULT;
      if (gates == null) {
        return standard;
      }
      return new PlanSpec.Gates(
          duration(gates.plaintextWindow(), standard.plaintextWindow(), "/gates/plaintextWindow"),
          or(gates.noSamples(), standard.noSamples()),
          duration(gates.soak(), standard.soak(), "/gates/soak"),
          or(gates.probes(), standard.probes()),
          duration(gates.audit(), "/gates/audit"),
          or(gates.approval(), standard.approval()),
          windows(gates),
          hooks(gates));
    }

    private List<ChangeWindow> windows(MigrationPlanSpec.Gates gates) {
      List<ChangeWindow> windows = new ArrayList<>();
      int index = 0;
      for (String text : texts(gates.changeWindows(), "/gates/changeWindows")) {
        try {
          if (!text.isBlank()) {
            windows.add(ChangeWindow.parse(text));
          }
        } catch (IllegalArgumentException e) {
          wrong("/gates/changeWindows/" + index, "WRONG_VALUE", String.valueOf(e.getMessage()));
        }
        index++;
      }
      return windows;
    }

    private List<PlanSpec.Hook> hooks(MigrationPlanSpec.Gates gates) {
      List<PlanSpec.Hook> hooks = new ArrayList<>();
      int index = 0;
      for (MigrationPlanSpec.Hook hook : Values.list(gates.hooks())) {
        String pointer = "/gates/hooks/" + index++;
        Optional<URI> url = webAddress(required(hook.url(), pointer + "/url"));
        if (url.isEmpty()) {
          wrong(pointer + "/url", "WRONG_VALUE", "Expected is an http or https URL with a host");
        }
        PlanSpec.Hook.When when = hook.when();
        if (when == null) {
          wrong(pointer + "/when", "REQUIRED", "The field is required");
        } else {
          url.ifPresent(address -> hooks.add(new PlanSpec.Hook(address, when)));
        }
      }
      return hooks;
    }

    /** Nothing but HTTP: a {@code file:} URL would read what the service may read. */
    private static Optional<URI> webAddress(String text) {
      try {
        URI uri = new URI(text);
        String scheme = uri.getScheme();
        boolean web = "http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme);
        return web && uri.getHost() != null ? Optional.of(uri) : Optional.empty();
      } catch (URISyntaxException e) {
        return Optional.empty();
      }
    }

    private PlanSpec.Verification verification(
        MigrationPlanSpec.@Nullable Verification verification) {
      PlanSpec.Verification standard = PlanSpec.Verification.DEFAULT;
      return verification == null
          ? standard
          : new PlanSpec.Verification(
              duration(verification.duration(), standard.duration(), "/verification/duration"),
              or(verification.maxRefusals(), standard.maxRefusals()),
              or(verification.maxClientFailureRatio(), standard.maxClientFailureRatio()),
              Values.list(verification.ignoreClients()).stream()
                  .map(client -> new PlanSpec.IgnoredClient(client.cidr(), client.workload()))
                  .toList());
    }

    private List<PlanSpec.PolicyException> exceptions(MigrationPlanSpec spec) {
      List<PlanSpec.PolicyException> exceptions = new ArrayList<>();
      for (MigrationPlanSpec.PlanException exception : Values.list(spec.exceptions())) {
        String pointer = "/exceptions/" + exceptions.size();
        MigrationPlanSpec.PodSelector selector = exception.selector();
        exceptions.add(
            new PlanSpec.PolicyException(
                required(exception.namespace(), pointer + "/namespace"),
                selector == null ? Map.of() : Values.map(selector.matchLabels()),
                exception.port(),
                required(exception.owner(), pointer + "/owner"),
                required(exception.reason(), pointer + "/reason"),
                date(exception.expires(), pointer + "/expires"),
                texts(exception.plaintextPaths(), pointer + "/plaintextPaths")));
      }
      return exceptions;
    }

    private LocalDate date(@Nullable String text, String pointer) {
      try {
        String given = required(text, pointer);
        return given.isBlank() ? NEVER : LocalDate.parse(given);
      } catch (DateTimeException e) {
        wrong(
            pointer,
            "WRONG_VALUE",
            "Expected is a date such as 2027-03-01, found \"" + text + "\"");
        return NEVER;
      }
    }
  }
}
