// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.contract;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.mtlsmigration.plan.PlanSpec;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.net.URI;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The spec of a MigrationPlan, and with a name beside its fields the body of a plan over REST.
 * {@code make crds} writes the schema from it, with the defaults of {@link PlanSpec}; the OpenAPI
 * document takes descriptions, defaults and required fields from that schema. Any component may be
 * null, because the author may have left it out. Bounds on lists keep the cost of the rules within
 * the API server's budget.
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value =
        "self.target != 'MESH' || !has(self.scope) || ((!has(self.scope.namespaces) ||"
            + " size(self.scope.namespaces) == 0) && (!has(self.scope.selector) ||"
            + " ((!has(self.scope.selector.matchLabels) || size(self.scope.selector.matchLabels)"
            + " == 0) && (!has(self.scope.selector.matchExpressions) ||"
            + " size(self.scope.selector.matchExpressions) == 0))))",
    message = "target MESH reaches every namespace: leave scope out, or choose target NAMESPACES",
    fieldPath = ".scope",
    reason = "FieldValueInvalid")
public record MigrationPlanSpec(
    @JsonPropertyDescription("How far the plan goes: MESH goes on to the root namespace's policy.")
        PlanSpec.@Nullable Target target,
    @JsonPropertyDescription(
            "Which namespaces; all of the mesh when left out. Must be left out for target MESH.")
        @Nullable Scope scope,
    @JsonPropertyDescription("Order of the namespaces; computed when left out.") @Size(max = 200) @Nullable List<Wave> waves,
    @JsonPropertyDescription("What must hold before a namespace is locked.") @Nullable Gates gates,
    @JsonPropertyDescription("What must hold after a namespace is locked.")
        @Nullable Verification verification,
    @JsonPropertyDescription("What to do when verification fails.")
        PlanSpec.@Nullable OnFailure onFailure,
    @JsonPropertyDescription(
            "Who writes the policies. MANIFEST writes nothing: it offers YAML and waits until it is"
                + " in force.")
        PlanSpec.@Nullable Apply apply,
    @JsonPropertyDescription("Take over spec.mtls.mode of policies that a person manages.")
        @Nullable Boolean adopt,
    @JsonPropertyDescription("What stays open, until when, and who answers for it.")
        @Size(max = 1000) @Nullable List<PlanException> exceptions,
    @JsonPropertyDescription(
            "What lets a draft begin. WHEN_ACCEPTED starts it once, as soon as it has been"
                + " accepted; whoever writes that needs the verb start. A plan that has begun,"
                + " paused and aborted ones included, is never moved by it.")
        PlanSpec.@Nullable Start start) {

  /** Durations: {@code 15m}, {@code 1h30m}, {@code 1d}; or ISO-8601, {@code PT15M}. */
  static final String DURATION =
      "^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$"
          + "|^P([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+([.][0-9]{1,9})?S)?)?$";

  public static final String NAMESPACE = "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$";

  static final String URL = "^[hH][tT][tT][pP][sS]?://.+";

  static final String WORKLOAD = "^[^/\\s]+/[^/\\s]+$";

  static final String DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "ScopeBody", description = "Namespaces by name, by label, or both")
  public record Scope(
      @JsonPropertyDescription("Names of namespaces.") @Size(max = 10_000) @Nullable List<@Pattern(NAMESPACE) @Size(max = 63) String> namespaces,
      @JsonPropertyDescription("Over labels of namespaces.") @Nullable SelectorSpec selector) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @ValidationRule(
      value = "has(self.selector) || (has(self.namespaces) && size(self.namespaces) > 0)",
      message = "a wave names namespaces or has a selector; {} takes what earlier waves left",
      reason = "FieldValueRequired")
  @Schema(name = "WaveBody", description = "Namespaces that move together")
  public record Wave(
      @JsonPropertyDescription("Name of the wave, unique in the plan.")
          @Required
          @Pattern(NAMESPACE) @Size(min = 1, max = 63) @Nullable String name,
      @JsonPropertyDescription("Names of namespaces.") @Size(max = 10_000) @Nullable List<@Pattern(NAMESPACE) @Size(max = 63) String> namespaces,
      @JsonPropertyDescription(
              "Over labels of the namespaces that earlier waves left; {} takes the rest.")
          @Nullable SelectorSpec selector) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "GatesBody", description = "What must hold before a namespace is locked")
  public record Gates(
      @JsonPropertyDescription("For how long nobody may have sent plaintext.")
          @Pattern(DURATION) @Size(min = 2, max = 40) @Schema(implementation = Duration.class)
          @Nullable String plaintextWindow,
      @JsonPropertyDescription("How a namespace without samples is taken.")
          PlanSpec.@Nullable NoSamples noSamples,
      @JsonPropertyDescription("For how long all gates must have held without a break.")
          @Pattern(DURATION) @Size(min = 2, max = 40) @Schema(implementation = Duration.class)
          @Nullable String soak,
      @JsonPropertyDescription("Probes must show what is expected.") @Nullable Boolean probes,
      @JsonPropertyDescription("Length of the dry run of STRICT; none when left out.")
          @Pattern(DURATION) @Size(min = 2, max = 40) @Schema(implementation = Duration.class)
          @Nullable String audit,
      @JsonPropertyDescription("What a person approves.") PlanSpec.@Nullable Approval approval,
      @JsonPropertyDescription(
              "When changes may be made, such as Mon-Fri 09:00-16:00 Europe/Berlin; always when"
                  + " left out.")
          @Size(max = 50) @Nullable List<@Size(max = 200) String> changeWindows,
      @JsonPropertyDescription("Webhooks that are asked before a lock, or told afterwards.")
          @Size(max = 20) @Nullable List<Hook> hooks) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(
      name = "HookBody",
      description =
          "A webhook. BEFORE_LOCK: asked when every other gate holds, by a POST with what would be"
              + " written; 2xx agrees, 4xx refuses, anything else is no decision and is tried"
              + " again. AFTER_LOCK and AFTER_ROLLBACK: told at least once, under the same id, with"
              + " nothing depending on it")
  public record Hook(
      @JsonPropertyDescription(
              "http or https. Loopback, link-local and the like only where"
                  + " mtls-migration.hooks.allow opens them; the address is judged again at each"
                  + " call.")
          @Required
          @Pattern(URL) @Size(max = 2048) @Schema(implementation = URI.class)
          @Nullable String url,
      @JsonPropertyDescription("When it is called.") @Required PlanSpec.Hook.@Nullable When when) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "VerificationBody", description = "What must hold after a namespace is locked")
  public record Verification(
      @JsonPropertyDescription(
              "For how long a locked namespace is watched. Longer than connections drain, a scrape"
                  + " and log lines take together.")
          @Pattern(DURATION) @Size(min = 2, max = 40) @Schema(implementation = Duration.class)
          @Nullable String duration,
      @JsonPropertyDescription("Refusals of others that are taken.") @Min(0) @Max(Integer.MAX_VALUE) @Nullable Integer maxRefusals,
      @JsonPropertyDescription("Failed calls of mesh clients against the baseline, 0 to 1.")
          @Min(0) @Max(1) @Nullable Double maxClientFailureRatio,
      @JsonPropertyDescription("Clients that may fail.") @Size(max = 200) @Nullable List<IgnoredClient> ignoreClients) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @ValidationRule(
      value = "has(self.cidr) != has(self.workload)",
      message = "give either cidr or workload",
      reason = "FieldValueInvalid")
  @Schema(name = "IgnoredClientBody", description = "A client that may fail: cidr or workload")
  public record IgnoredClient(
      @JsonPropertyDescription("An address range, such as 10.0.9.0/24.") @Size(max = 50) @Nullable String cidr,
      @JsonPropertyDescription(
              "A workload, as namespace/workload; namespace/* for all of a namespace.")
          @Pattern(WORKLOAD) @Size(max = 320) @Nullable String workload) {}

  /** Selected by labels alone, at least one: to leave a whole namespace open, exempt it. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @ValidationRule(
      value =
          "has(self.selector) && has(self.selector.matchLabels) &&"
              + " size(self.selector.matchLabels) > 0",
      message =
          "name the labels of the workload that stays open; to leave a whole namespace open, exempt"
              + " it",
      fieldPath = ".selector",
      reason = "FieldValueRequired")
  @ValidationRule(
      value =
          "!has(self.selector) || !has(self.selector.matchExpressions) ||"
              + " size(self.selector.matchExpressions) == 0",
      message = "Istio's policies know matchLabels only; use those",
      fieldPath = ".selector.matchExpressions",
      reason = "FieldValueForbidden")
  @Schema(name = "ExceptionBody", description = "What stays open, and until when")
  public record PlanException(
      @JsonPropertyDescription("Namespace of the workload.") @Required @Pattern(NAMESPACE) @Nullable String namespace,
      @JsonPropertyDescription("Over labels of pods; Istio's policies know matchLabels only.")
          @Nullable SelectorSpec selector,
      @JsonPropertyDescription("Container port; all ports of the workload when left out.")
          @Min(1) @Max(65_535) @Nullable Integer port,
      @JsonPropertyDescription("Who answers for it.") @Required @Size(min = 1, max = 256) @Nullable String owner,
      @JsonPropertyDescription("Why it stays open.") @Required @Size(min = 1, max = 1024) @Nullable String reason,
      @JsonPropertyDescription("Last day (UTC), such as 2027-03-01; then it becomes a finding.")
          @Required
          @Pattern(DAY) @Schema(implementation = LocalDate.class)
          @Nullable String expires,
      @JsonPropertyDescription("Paths that plaintext may ask for.") @Size(max = 100) @Nullable List<@Pattern("^/.*") String> plaintextPaths) {}
}
