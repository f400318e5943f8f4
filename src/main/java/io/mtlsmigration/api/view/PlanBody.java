package io.mtlsmigration.api.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.plan.PlanSpec;
import java.net.URI;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A plan as it is sent. Bodies are not mapped onto it ({@code api.input} reads them, to name every
 * wrong field); it documents them, and shows them again with the defaults filled in.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(name = "PlanBody", description = "What somebody wants; name is enough")
public record PlanBody(
    @Schema(description = "Lower-case letters, digits and dashes") String name,
    @Schema(
            description = "MESH goes on to the root namespace's policy",
            defaultValue = "NAMESPACES")
        PlanSpec.@Nullable Target target,
    @Schema(description = "Which namespaces; all when left out. Must be left out for MESH")
        @Nullable ScopeBody scope,
    @Schema(description = "Order of the namespaces; computed when left out")
        @Nullable List<WaveBody> waves,
    @Schema(description = "What must hold before a namespace is locked") @Nullable GatesBody gates,
    @Schema(description = "What must hold after a namespace is locked")
        @Nullable VerificationBody verification,
    @Schema(description = "What to do when verification fails", defaultValue = "ROLLBACK")
        PlanSpec.@Nullable OnFailure onFailure,
    @Schema(
            description = "MANIFEST writes nothing: it offers YAML and waits until it is in force",
            defaultValue = "DIRECT")
        PlanSpec.@Nullable Apply apply,
    @Schema(
            description = "Take over spec.mtls.mode of policies that a person manages",
            defaultValue = "false")
        @Nullable Boolean adopt,
    @Schema(description = "What stays open") @Nullable List<ExceptionBody> exceptions) {

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "ScopeBody", description = "Namespaces by name, by label, or both")
  public record ScopeBody(
      @Schema(description = "Names of namespaces") @Nullable List<String> namespaces,
      @Schema(description = "Over labels of namespaces") @Nullable SelectorBody selector) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "WaveBody", description = "Namespaces that move together")
  public record WaveBody(
      @Schema(description = "Name of the wave") String name,
      @Schema(description = "Names of namespaces") @Nullable List<String> namespaces,
      @Schema(
              description =
                  "Over labels of the namespaces that earlier waves left; {} takes the rest")
          @Nullable SelectorBody selector) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "LabelSelector", description = "A Kubernetes LabelSelector; {} matches everything")
  public record SelectorBody(
      @Schema(description = "Labels that must be there") @Nullable Map<String, String> matchLabels,
      @Schema(description = "Requirements that must all hold")
          @Nullable List<RequirementBody> matchExpressions) {

    static @Nullable SelectorBody of(@Nullable LabelSelector selector) {
      return selector == null
          ? null
          : new SelectorBody(
              new TreeMap<>(selector.matchLabels()),
              selector.matchExpressions().isEmpty()
                  ? null
                  : selector.matchExpressions().stream().map(RequirementBody::of).toList());
    }
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "LabelSelectorRequirement", description = "One requirement of a LabelSelector")
  public record RequirementBody(
      @Schema(description = "Label") String key,
      @Schema(
              description = "How the label is compared",
              enumeration = {"In", "NotIn", "Exists", "DoesNotExist"})
          String operator,
      @Schema(description = "For In and NotIn") @Nullable List<String> values) {

    private static RequirementBody of(LabelSelector.Requirement requirement) {
      String operator =
          switch (requirement.operator()) {
            case IN -> "In";
            case NOT_IN -> "NotIn";
            case EXISTS -> "Exists";
            case DOES_NOT_EXIST -> "DoesNotExist";
          };
      return new RequirementBody(
          requirement.key(),
          operator,
          requirement.values().isEmpty() ? null : requirement.values());
    }
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "GatesBody", description = "What must hold before a namespace is locked")
  public record GatesBody(
      @Schema(description = "For how long nobody may have sent plaintext", defaultValue = "PT24H")
          @Nullable Duration plaintextWindow,
      @Schema(description = "How a namespace without samples is taken", defaultValue = "HOLD")
          PlanSpec.@Nullable NoSamples noSamples,
      @Schema(
              description = "For how long all gates must have held without a break",
              defaultValue = "PT30M")
          @Nullable Duration soak,
      @Schema(description = "Probes must show what is expected", defaultValue = "true")
          @Nullable Boolean probes,
      @Schema(description = "Length of the dry run of STRICT; none when left out")
          @Nullable Duration audit,
      @Schema(description = "What a person approves", defaultValue = "NONE")
          PlanSpec.@Nullable Approval approval,
      @Schema(description = "Such as Mon-Fri 09:00-16:00 Europe/Berlin; always when left out")
          @Nullable List<String> changeWindows,
      @Schema(description = "Webhooks that are asked before a lock, or told afterwards")
          @Nullable List<HookBody> hooks) {}

  @Schema(
      name = "HookBody",
      description =
          "A webhook. BEFORE_LOCK: asked when every other gate holds, by a POST with what would be"
              + " written; 2xx agrees, 4xx refuses, anything else is no decision and is tried again."
              + " AFTER_LOCK and AFTER_ROLLBACK: told at least once, under the same id, with nothing"
              + " depending on it")
  public record HookBody(
      @Schema(
              description =
                  "http or https. Loopback, link-local and the like only where"
                      + " mtls-migration.hooks.allow opens them; the address is judged again at"
                      + " each call")
          URI url,
      @Schema(description = "When it is called") PlanSpec.Hook.When when) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "VerificationBody", description = "What must hold after a namespace is locked")
  public record VerificationBody(
      @Schema(description = "For how long it is watched", defaultValue = "PT10M")
          @Nullable Duration duration,
      @Schema(description = "Refusals of others that are taken", defaultValue = "0")
          @Nullable Integer maxRefusals,
      @Schema(
              description = "Failed calls of mesh clients against the baseline, 0 to 1",
              defaultValue = "0.001")
          @Nullable Double maxClientFailureRatio,
      @Schema(description = "Clients that may fail") @Nullable List<IgnoredBody> ignoreClients) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "IgnoredClientBody", description = "A client that may fail: cidr or workload")
  public record IgnoredBody(
      @Schema(description = "Address range") @Nullable String cidr,
      @Schema(description = "namespace/workload, or namespace/* for all of a namespace")
          @Nullable String workload) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "ExceptionBody", description = "What stays open, and until when")
  public record ExceptionBody(
      @Schema(description = "Namespace of the workload") String namespace,
      @Schema(description = "Over labels of pods; matchLabels only")
          @Nullable SelectorBody selector,
      @Schema(description = "Container port; all ports when left out") @Nullable Integer port,
      @Schema(description = "Who answers for it") String owner,
      @Schema(description = "Why it stays open") String reason,
      @Schema(description = "Last day; then it becomes a finding") LocalDate expires,
      @Schema(description = "Paths that plaintext may ask for")
          @Nullable List<String> plaintextPaths) {}

  public static PlanBody of(PlanSpec spec) {
    return new PlanBody(
        spec.name(),
        spec.target(),
        scope(spec.scope()),
        spec.waves().isEmpty() ? null : spec.waves().stream().map(PlanBody::wave).toList(),
        gates(spec.gates()),
        verification(spec.verification()),
        spec.onFailure(),
        spec.apply(),
        spec.adopt(),
        spec.exceptions().stream().map(PlanBody::exception).toList());
  }

  static @Nullable ScopeBody scope(PlanSpec.Scope scope) {
    return scope.namespaces().isEmpty() && scope.selector() == null
        ? null
        : new ScopeBody(scope.namespaces(), SelectorBody.of(scope.selector()));
  }

  static GatesBody gates(PlanSpec.Gates gates) {
    return new GatesBody(
        gates.plaintextWindow(),
        gates.noSamples(),
        gates.soak(),
        gates.probes(),
        gates.audit(),
        gates.approval(),
        gates.changeWindows().stream().map(Object::toString).toList(),
        gates.hooks().stream().map(hook -> new HookBody(hook.url(), hook.when())).toList());
  }

  static VerificationBody verification(PlanSpec.Verification verification) {
    return new VerificationBody(
        verification.duration(),
        verification.maxRefusals(),
        verification.maxClientFailureRatio(),
        verification.ignoreClients().stream()
            .map(client -> new IgnoredBody(client.cidr(), client.workload()))
            .toList());
  }

  static ExceptionBody exception(PlanSpec.PolicyException exception) {
    return new ExceptionBody(
        exception.namespace(),
        SelectorBody.of(LabelSelector.ofLabels(exception.selector())),
        exception.port(),
        exception.owner(),
        exception.reason(),
        exception.expires(),
        exception.plaintextPaths());
  }

  private static WaveBody wave(PlanSpec.WaveSpec wave) {
    return new WaveBody(
        wave.name(),
        wave.namespaces().isEmpty() ? null : wave.namespaces(),
        SelectorBody.of(wave.selector()));
  }
}
