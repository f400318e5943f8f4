// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.Cidr;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PlanSpec.Gates;
import io.mtlsmigration.plan.PlanSpec.Hook;
import io.mtlsmigration.plan.PlanSpec.IgnoredClient;
import io.mtlsmigration.plan.PlanSpec.Scope;
import io.mtlsmigration.plan.PlanSpec.Target;
import io.mtlsmigration.plan.PlanSpec.Verification;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Validates a plan. All problems are found at once, each with the JSON pointer of the field to
 * correct and a stable code.
 */
final class PlanCheck {

  private final PlanSpec spec;
  private final MeshModes modes;
  private final PlanLimits limits;
  private final ProblemList problems = new ProblemList();

  PlanCheck(PlanSpec spec, MeshModes modes, PlanLimits limits) {
    this.spec = spec;
    this.modes = modes;
    this.limits = limits;
  }

  List<Problem> problems(ScopedNamespaces scoped) {
    problems.require(
        ProblemList.isLabel(spec.name()),
        "/name",
        "INVALID_NAME",
        "'" + spec.name() + "' is not an RFC 1123 label: at most 63 of a-z, 0-9 and -");
    scope();
    new WaveCheck(spec, modes.snapshot(), problems).check(scoped);
    gates(spec.gates());
    verification(spec.verification());
    new ExceptionCheck(spec, modes, problems).check();
    limits.least().check(spec, modes.snapshot(), scoped, problems);
    return problems.all();
  }

  private void scope() {
    Scope scope = spec.scope();
    MeshSnapshot snapshot = modes.snapshot();
    if (spec.target() == Target.MESH && !scope.isEverything()) {
      problems.add(
          "/scope",
          "SCOPE_NARROWER_THAN_MESH",
          "target MESH reaches every namespace: leave scope out, or choose target NAMESPACES");
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < scope.namespaces().size(); i++) {
      String name = scope.namespaces().get(i);
      namespace("/scope/namespaces/" + i, name);
      problems.require(
          seen.add(name),
          "/scope/namespaces/" + i,
          "DUPLICATE_NAMESPACE",
          "namespace " + name + " is named twice");
    }
    boolean empty =
        snapshot.namespaces().values().stream()
            .noneMatch(
                facts -> !snapshot.isRoot(facts.name()) && ScopedNamespaces.inScope(scope, facts));
    if (empty && scope.namespaces().isEmpty() && !scope.isEverything()) {
      problems.add("/scope/selector", "SCOPE_EMPTY", "no namespace has these labels");
    }
  }

  private void namespace(String pointer, String name) {
    if (modes.snapshot().isRoot(name)) {
      problems.add(
          pointer,
          "ROOT_NAMESPACE",
          name + " is the root namespace: its policy is the mesh's, set by target MESH");
    } else if (modes.snapshot().namespace(name) == null) {
      problems.add(pointer, "UNKNOWN_NAMESPACE", "there is no namespace " + name);
    }
  }

  private void gates(Gates gates) {
    positive("/gates/plaintextWindow", gates.plaintextWindow(), limits.maxWindow());
    problems.require(
        !gates.soak().isNegative(), "/gates/soak", "DURATION_NEGATIVE", "a soak is zero or longer");
    notLonger("/gates/soak", gates.soak(), limits.maxWait());
    Duration audit = gates.audit();
    if (audit != null) {
      positive("/gates/audit", audit, limits.maxWait());
    }
    for (int i = 0; i < gates.hooks().size(); i++) {
      Hook hook = gates.hooks().get(i);
      HookAddress.check(hook.url(), limits, "/gates/hooks/" + i + "/url", problems);
    }
  }

  private void verification(Verification verification) {
    String duration = "/verification/duration";
    positive(duration, verification.duration(), limits.maxWait());
    boolean tooShort = verification.duration().compareTo(limits.minVerification()) <= 0;
    if (tooShort && verification.duration().isPositive()) {
      problems.add(
          duration,
          "DURATION_TOO_SHORT",
          "must be longer than "
              + limits.minVerification()
              + ": old connections drain, a scrape and the last log lines arrive first");
    }
    problems.require(
        verification.maxRefusals() >= 0,
        "/verification/maxRefusals",
        "NEGATIVE_COUNT",
        "a number of refusals is zero or more");
    double ratio = verification.maxClientFailureRatio();
    problems.require(
        ratio >= 0 && ratio <= 1,
        "/verification/maxClientFailureRatio",
        "RATIO_OUT_OF_RANGE",
        "a ratio is between 0 and 1");
    for (int i = 0; i < verification.ignoreClients().size(); i++) {
      ignored("/verification/ignoreClients/" + i, verification.ignoreClients().get(i), problems);
    }
  }

  static void ignored(String pointer, IgnoredClient client, ProblemList problems) {
    String cidr = client.cidr();
    String workload = client.workload();
    if ((cidr == null) == (workload == null)) {
      problems.add(pointer, "IGNORED_CLIENT_UNCLEAR", "give either cidr or workload");
    }
    if (cidr != null) {
      problems.require(
          Cidr.isValid(cidr),
          pointer + "/cidr",
          "INVALID_CIDR",
          "'" + cidr + "' is not an address range like 10.0.9.0/24 or 2001:db8::/32");
    }
    if (workload != null) {
      problems.require(
          workload.matches("[^/\\s]+/[^/\\s]+"),
          pointer + "/workload",
          "INVALID_WORKLOAD",
          "'" + workload + "' is not a workload like legacy/curl");
    }
  }

  private void positive(String pointer, Duration duration, Duration most) {
    problems.require(
        duration.isPositive(), pointer, "DURATION_NOT_POSITIVE", "must be longer than zero");
    notLonger(pointer, duration, most);
  }

  private void notLonger(String pointer, Duration duration, Duration most) {
    problems.require(
        duration.compareTo(most) <= 0,
        pointer,
        "DURATION_TOO_LONG",
        "must not be longer than " + most);
  }
}
