// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.contract;

import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.plan.PlanSpec;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Converts a plan's spec to its written form: every default filled in. */
public final class PlanSpecs {

  private PlanSpecs() {}

  public static MigrationPlanSpec write(PlanSpec spec) {
    return new MigrationPlanSpec(
        spec.target(),
        scope(spec.scope()),
        orNull(spec.waves().stream().map(PlanSpecs::wave).toList()),
        gates(spec.gates()),
        verification(spec.verification()),
        spec.onFailure(),
        spec.apply(),
        spec.adopt(),
        spec.exceptions().stream().map(PlanSpecs::exception).toList(),
        spec.start());
  }

  public static MigrationPlanSpec.@Nullable Scope scope(PlanSpec.Scope scope) {
    return scope.namespaces().isEmpty() && scope.selector() == null
        ? null
        : new MigrationPlanSpec.Scope(scope.namespaces(), selector(scope.selector()));
  }

  private static MigrationPlanSpec.Wave wave(PlanSpec.WaveSpec wave) {
    return new MigrationPlanSpec.Wave(
        wave.name(), orNull(wave.namespaces()), selector(wave.selector()));
  }

  private static @Nullable SelectorSpec selector(@Nullable LabelSelector selector) {
    return selector == null
        ? null
        : new SelectorSpec(
            new TreeMap<>(selector.matchLabels()),
            orNull(selector.matchExpressions().stream().map(PlanSpecs::requirement).toList()));
  }

  private static SelectorSpec.Requirement requirement(LabelSelector.Requirement requirement) {
    return new SelectorSpec.Requirement(
        requirement.key(),
        SelectorSpec.Operator.valueOf(requirement.operator().name()),
        orNull(requirement.values()));
  }

  private static <T> @Nullable List<T> orNull(List<T> list) {
    return list.isEmpty() ? null : list;
  }

  public static MigrationPlanSpec.Gates gates(PlanSpec.Gates gates) {
    return new MigrationPlanSpec.Gates(
        gates.plaintextWindow().toString(),
        gates.noSamples(),
        gates.soak().toString(),
        gates.probes(),
        gates.audit() == null ? null : gates.audit().toString(),
        gates.approval(),
        gates.changeWindows().stream().map(Object::toString).toList(),
        gates.hooks().stream()
            .map(hook -> new MigrationPlanSpec.Hook(hook.url().toString(), hook.when()))
            .toList());
  }

  public static MigrationPlanSpec.Verification verification(PlanSpec.Verification verification) {
    return new MigrationPlanSpec.Verification(
        verification.duration().toString(),
        verification.maxRefusals(),
        verification.maxClientFailureRatio(),
        verification.ignoreClients().stream()
            .map(client -> new MigrationPlanSpec.IgnoredClient(client.cidr(), client.workload()))
            .toList());
  }

  public static MigrationPlanSpec.PlanException exception(PlanSpec.PolicyException exception) {
    return new MigrationPlanSpec.PlanException(
        exception.namespace(),
        new SelectorSpec(new TreeMap<>(exception.selector()), null),
        exception.port(),
        exception.owner(),
        exception.reason(),
        exception.expires().toString(),
        exception.plaintextPaths());
  }
}
