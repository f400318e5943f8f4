package io.mtlsmigration.api.input;

import com.fasterxml.jackson.databind.JsonNode;
import io.mtlsmigration.api.problem.ProblemDetail.FieldError;
import io.mtlsmigration.plan.ChangeWindow;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PlanSpec.Apply;
import io.mtlsmigration.plan.PlanSpec.Gates;
import io.mtlsmigration.plan.PlanSpec.Hook;
import io.mtlsmigration.plan.PlanSpec.IgnoredClient;
import io.mtlsmigration.plan.PlanSpec.OnFailure;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import io.mtlsmigration.plan.PlanSpec.Scope;
import io.mtlsmigration.plan.PlanSpec.Target;
import io.mtlsmigration.plan.PlanSpec.Verification;
import io.mtlsmigration.plan.PlanSpec.WaveSpec;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The body of a plan, with every default filled in. Judges form alone (types, names of enums,
 * shapes of values); whether a plan makes sense is the planner's to say, for plans made with
 * kubectl too.
 */
public final class PlanBinder {

  private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
  private static final LocalDate NEVER = LocalDate.MAX;

  private final List<FieldError> errors = new ArrayList<>();

  /**
   * What a body says.
   *
   * @param spec with the default in place of whatever is wrong
   * @param errors empty when nothing is wrong
   */
  public record Bound(PlanSpec spec, List<FieldError> errors) {
    public Bound {
      errors = List.copyOf(errors);
    }
  }

  private PlanBinder() {}

  public static Bound bind(JsonNode body) {
    PlanBinder binder = new PlanBinder();
    PlanSpec spec = binder.plan(Fields.of(body, binder.errors));
    return new Bound(spec, binder.errors);
  }

  private PlanSpec plan(Fields fields) {
    String name = fields.required("name");
    if (!name.isBlank() && !NAME.matcher(name).matches()) {
      fields.wrong(
          "name",
          "WRONG_VALUE",
          "Expected are at most 63 lower-case letters, digits and dashes, with no dash at the ends");
    }
    PlanSpec spec =
        new PlanSpec(
            name,
            fields.choice("target", Target.NAMESPACES),
            scope(fields.object("scope")),
            fields.objects("waves").stream().map(PlanBinder::wave).toList(),
            gates(fields.object("gates")),
            verification(fields.object("verification")),
            fields.choice("onFailure", OnFailure.ROLLBACK),
            fields.choice("apply", Apply.DIRECT),
            fields.flag("adopt", false),
            fields.objects("exceptions").stream().map(PlanBinder::exception).toList());
    fields.end();
    return spec;
  }

  private static Scope scope(@Nullable Fields fields) {
    if (fields == null) {
      return Scope.EVERYTHING;
    }
    Scope scope =
        new Scope(fields.texts("namespaces"), SelectorBinder.selector(fields, "selector"));
    fields.end();
    return scope;
  }

  private static WaveSpec wave(Fields fields) {
    WaveSpec wave =
        new WaveSpec(
            fields.required("name"),
            fields.texts("namespaces"),
            SelectorBinder.selector(fields, "selector"));
    fields.end();
    return wave;
  }

  private static Gates gates(@Nullable Fields fields) {
    Gates standard = Gates.DEFAULT;
    if (fields == null) {
      return standard;
    }
    Gates gates =
        new Gates(
            fields.duration("plaintextWindow", standard.plaintextWindow()),
            fields.choice("noSamples", standard.noSamples()),
            fields.duration("soak", standard.soak()),
            fields.flag("probes", standard.probes()),
            fields.duration("audit"),
            fields.choice("approval", standard.approval()),
            windows(fields),
            fields.objects("hooks").stream().flatMap(h -> hook(h).stream()).toList());
    fields.end();
    return gates;
  }

  private static List<ChangeWindow> windows(Fields fields) {
    List<ChangeWindow> windows = new ArrayList<>();
    int index = 0;
    for (String text : fields.texts("changeWindows")) {
      try {
        if (!text.isEmpty()) {
          windows.add(ChangeWindow.parse(text));
        }
      } catch (IllegalArgumentException e) {
        fields.wrongElement("changeWindows", index, String.valueOf(e.getMessage()));
      }
      index++;
    }
    return windows;
  }

  private static Optional<Hook> hook(Fields fields) {
    if (!fields.has("url")) {
      fields.required("url");
    }
    Optional<URI> url =
        fields.text("url", PlanBinder::webAddress, "an http or https URL with a host");
    if (!fields.has("when")) {
      fields.required("when");
    }
    Hook.When when = fields.choice("when", Hook.When.BEFORE_LOCK);
    fields.end();
    return url.map(address -> new Hook(address, when));
  }

  /** Nothing but HTTP: a {@code file:} or {@code jar:} URL would read what the service may read. */
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

  private static Verification verification(@Nullable Fields fields) {
    Verification standard = Verification.DEFAULT;
    if (fields == null) {
      return standard;
    }
    Integer refusals = fields.integer("maxRefusals", 0, Integer.MAX_VALUE);
    Verification verification =
        new Verification(
            fields.duration("duration", standard.duration()),
            refusals == null ? standard.maxRefusals() : refusals,
            fields.decimal("maxClientFailureRatio", 0, 1, standard.maxClientFailureRatio()),
            fields.objects("ignoreClients").stream().map(PlanBinder::ignored).toList());
    fields.end();
    return verification;
  }

  private static IgnoredClient ignored(Fields fields) {
    String cidr = fields.text("cidr");
    if (cidr != null && !Cidr.valid(cidr)) {
      fields.wrong("cidr", "WRONG_VALUE", "Expected is an address range such as 10.0.9.0/24");
    }
    String workload = fields.text("workload");
    if (workload != null && !workload.matches("[^/\\s]+/[^/\\s]+")) {
      fields.wrong("workload", "WRONG_VALUE", "Expected is namespace/workload");
    }
    if ((cidr == null) == (workload == null)) {
      fields.wrongSelf("EXACTLY_ONE", "Expected is either cidr or workload");
    }
    fields.end();
    return new IgnoredClient(cidr, workload);
  }

  private static PolicyException exception(Fields fields) {
    String namespace = fields.required("namespace");
    var selector = SelectorBinder.labels(fields, "selector");
    Integer port = fields.integer("port", 1, 65_535);
    String owner = fields.required("owner");
    String reason = fields.required("reason");
    LocalDate expires = fields.date("expires");
    if (!fields.has("expires")) {
      fields.required("expires");
    }
    PolicyException exception =
        new PolicyException(
            namespace,
            selector,
            port,
            owner,
            reason,
            expires == null ? NEVER : expires,
            fields.texts("plaintextPaths"));
    fields.end();
    return exception;
  }
}
