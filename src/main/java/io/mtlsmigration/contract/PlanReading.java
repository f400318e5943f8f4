// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.contract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mtlsmigration.mesh.Cidr;
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
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A plan as parsed, with every default filled in. The schema validates its form; this class checks
 * what a schema cannot. The planner checks whether the plan makes sense in its mesh.
 *
 * @param spec with the default in place of each invalid value
 * @param problems invalid values; pointers are those of a plan's body
 * @param bounds values that the API server would reject for the form of a text or the length of a
 *     list
 */
public record PlanReading(PlanSpec spec, List<Problem> problems, List<Problem> bounds) {

  private static final LocalDate NEVER = LocalDate.MAX;

  private static final Pattern NAME = Pattern.compile(MigrationPlanSpec.NAMESPACE);

  private static final Pattern WORKLOAD = Pattern.compile(MigrationPlanSpec.WORKLOAD);

  /** Ignores fields of later versions; the API server prunes fields that no schema has. */
  private static final ObjectMapper MAPPER =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  public PlanReading {
    problems = List.copyOf(problems);
    bounds = List.copyOf(bounds);
  }

  /** Parses the body of a plan: its name beside the fields of the spec. */
  public static PlanReading ofBody(JsonNode body) {
    BodySchema.Judged judged = PlanSchema.BODY.judge(body);
    String name = judged.rest().path("name").asText();
    Reader reader = new Reader();
    reader.name(name);
    MigrationPlanSpec spec = model(judged.rest());
    reader.rules(spec);
    return new PlanReading(
        reader.plan(name, spec),
        judged.tooMany() ? judged.wrong() : merged(judged.wrong(), reader.problems),
        judged.bounds());
  }

  /** Parses the spec of a MigrationPlan, whose form the API server has validated. */
  public static PlanReading of(String name, MigrationPlanSpec spec) {
    Reader reader = new Reader();
    return new PlanReading(reader.plan(name, spec), reader.problems, List.of());
  }

  /**
   * Parses the same from a tree, which is validated here where it differs from this version's
   * schema. Fields of a later version are ignored.
   */
  public static PlanReading ofTree(String name, @Nullable Object tree) {
    JsonNode fields = MAPPER.valueToTree(tree == null ? Map.of() : tree);
    try {
      return of(name, MAPPER.treeToValue(fields, MigrationPlanSpec.class));
    } catch (JsonProcessingException e) {
      BodySchema.Judged judged = PlanSchema.SPEC.judge(fields);
      List<Problem> wrong =
          judged.wrong().stream().filter(one -> !one.code().equals(BodySchema.UNKNOWN)).toList();
      PlanReading rest = of(name, model(judged.rest()));
      return new PlanReading(
          rest.spec(),
          merged(merged(wrong, judged.tooMany() ? List.of() : rest.problems), judged.bounds()),
          List.of());
    }
  }

  /** Returns whether the API server would accept the plan, and it has no problems. */
  public boolean isFaultless() {
    return problems.isEmpty() && bounds.isEmpty();
  }

  /** Returns the plan's problems and the planner's, each place once. */
  public List<Problem> problems(List<Problem> planned) {
    List<Problem> all = new ArrayList<>(problems);
    Set<String> known = places(problems);
    Set<String> around = known.stream().flatMap(PlanReading::andAround).collect(Collectors.toSet());
    // One at a known place, around it or in it may only follow from that.
    planned.stream()
        .filter(problem -> !around.contains(problem.pointer()))
        .filter(problem -> andAround(problem.pointer()).noneMatch(known::contains))
        .forEach(all::add);
    return merged(all, bounds);
  }

  /** Returns a place, and those that it is in. */
  private static Stream<String> andAround(String pointer) {
    return Stream.iterate(
        pointer,
        Objects::nonNull,
        at -> at.isEmpty() ? null : at.substring(0, at.lastIndexOf('/')));
  }

  private static Set<String> places(List<Problem> problems) {
    return problems.stream().map(Problem::pointer).collect(Collectors.toSet());
  }

  private static List<Problem> merged(List<Problem> first, List<Problem> more) {
    Set<String> places = places(first);
    return Stream.concat(
            first.stream(), more.stream().filter(one -> !places.contains(one.pointer())))
        .toList();
  }

  private static MigrationPlanSpec model(JsonNode judged) {
    try {
      return MAPPER.treeToValue(judged, MigrationPlanSpec.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the schema of a plan and its model disagree", e);
    }
  }

  private static <T> T or(@Nullable T value, T standard) {
    return value == null ? standard : value;
  }

  private static <T> List<T> list(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }

  private static Map<String, String> map(@Nullable Map<String, String> map) {
    return map == null ? Map.of() : map;
  }

  /** Continues after an error, so that all problems are reported at once. */
  private static final class Reader {

    private final List<Problem> problems = new ArrayList<>();

    private void wrong(String pointer, String code, String detail) {
      problems.add(new Problem(pointer, code, detail));
    }

    PlanSpec plan(String name, MigrationPlanSpec spec) {
      PlanSpec standard = PlanSpec.standard(name);
      return new PlanSpec(
          name,
          or(spec.target(), standard.target()),
          scope(spec.scope()),
          waves(spec),
          gates(spec.gates(), standard.gates()),
          verification(spec.verification(), standard.verification()),
          or(spec.onFailure(), standard.onFailure()),
          or(spec.apply(), standard.apply()),
          or(spec.adopt(), standard.adopt()),
          exceptions(spec),
          or(spec.start(), standard.start()));
    }

    void name(String name) {
      required(name, "/name");
      if (!name.isBlank() && !NAME.matcher(name).matches()) {
        wrong(
            "/name",
            "WRONG_VALUE",
            "Expected are at most 63 lower-case letters, digits and dashes, with no dash at the"
                + " ends");
      }
    }

    /** Applies the rules of the custom resource where no API server does. */
    void rules(MigrationPlanSpec spec) {
      MigrationPlanSpec.Verification verification = spec.verification();
      int index = 0;
      for (MigrationPlanSpec.IgnoredClient client :
          list(verification == null ? null : verification.ignoreClients())) {
        ignored(client, "/verification/ignoreClients/" + index++);
      }
      index = 0;
      for (MigrationPlanSpec.PlanException exception : list(spec.exceptions())) {
        SelectorSpec selector = exception.selector();
        // Generated clients write empty lists.
        if (selector != null && !list(selector.matchExpressions()).isEmpty()) {
          wrong(
              "/exceptions/" + index + "/selector/matchExpressions",
              "NOT_SUPPORTED",
              "Istio's policies know matchLabels only; use those");
        }
        index++;
      }
    }

    private void ignored(MigrationPlanSpec.IgnoredClient client, String pointer) {
      String cidr = client.cidr();
      if (cidr != null && (cidr.indexOf('/') < 0 || !Cidr.isValid(cidr))) {
        wrong(pointer + "/cidr", "WRONG_VALUE", "Expected is an address range such as 10.0.9.0/24");
      }
      String workload = client.workload();
      if (workload != null && !WORKLOAD.matcher(workload).matches()) {
        wrong(pointer + "/workload", "WRONG_VALUE", "Expected is namespace/workload");
      }
      if ((cidr == null) == (workload == null)) {
        wrong(pointer, "EXACTLY_ONE", "Expected is either cidr or workload");
      }
    }

    private String required(@Nullable String text, String pointer) {
      if (text == null || text.isBlank()) {
        wrong(pointer, "REQUIRED", "The field is required, and must not be blank");
      }
      return text == null ? "" : text;
    }

    private List<String> texts(@Nullable List<String> texts, String pointer) {
      List<String> read = new ArrayList<>();
      for (String text : list(texts)) {
        if (text == null || text.isBlank()) {
          wrong(
              pointer + "/" + read.size(), "WRONG_TYPE", "Expected is a string that is not blank");
          read.add("");
        } else {
          read.add(text);
        }
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
      for (MigrationPlanSpec.Wave wave : list(spec.waves())) {
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
      for (SelectorSpec.Requirement given : list(selector.matchExpressions())) {
        requirement(given, pointer + "/matchExpressions/" + index++).ifPresent(requirements::add);
      }
      return new LabelSelector(map(selector.matchLabels()), requirements);
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
      return Optional.of(
          new LabelSelector.Requirement(
              key, LabelSelector.Operator.valueOf(operator.name()), values));
    }

    private PlanSpec.Gates gates(MigrationPlanSpec.@Nullable Gates gates, PlanSpec.Gates standard) {
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
      for (MigrationPlanSpec.Hook hook : list(gates.hooks())) {
        String pointer = "/gates/hooks/" + index++;
        if (hook.url() == null) {
          wrong(pointer + "/url", "REQUIRED", "The field is required");
        }
        if (hook.when() == null) {
          wrong(pointer + "/when", "REQUIRED", "The field is required");
        }
        Optional<URI> url = webAddress(hook.url() == null ? "" : hook.url());
        if (url.isEmpty()) {
          wrong(pointer + "/url", "WRONG_VALUE", "Expected is an http or https URL with a host");
        }
        PlanSpec.Hook.When when = or(hook.when(), PlanSpec.Hook.When.BEFORE_LOCK);
        url.ifPresent(address -> hooks.add(new PlanSpec.Hook(address, when)));
      }
      return hooks;
    }

    /** Parses an HTTP URL only: a {@code file:} URL would read what the service may read. */
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
        MigrationPlanSpec.@Nullable Verification verification, PlanSpec.Verification standard) {
      return verification == null
          ? standard
          : new PlanSpec.Verification(
              duration(verification.duration(), standard.duration(), "/verification/duration"),
              or(verification.maxRefusals(), standard.maxRefusals()),
              or(verification.maxClientFailureRatio(), standard.maxClientFailureRatio()),
              list(verification.ignoreClients()).stream()
                  .map(client -> new PlanSpec.IgnoredClient(client.cidr(), client.workload()))
                  .toList());
    }

    private List<PlanSpec.PolicyException> exceptions(MigrationPlanSpec spec) {
      List<PlanSpec.PolicyException> exceptions = new ArrayList<>();
      for (MigrationPlanSpec.PlanException exception : list(spec.exceptions())) {
        String pointer = "/exceptions/" + exceptions.size();
        SelectorSpec selector = exception.selector();
        exceptions.add(
            new PlanSpec.PolicyException(
                required(exception.namespace(), pointer + "/namespace"),
                selector == null ? Map.of() : map(selector.matchLabels()),
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
        if (text != null) {
          return LocalDate.parse(text);
        }
        wrong(pointer, "REQUIRED", "The field is required");
      } catch (DateTimeException e) {
        wrong(
            pointer,
            "WRONG_VALUE",
            "Expected is a date such as 2027-03-01, found \"" + text + "\"");
      }
      return NEVER;
    }
  }
}
