package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.kubernetes.resource.MigrationPlanSpec;
import io.mtlsmigration.kubernetes.resource.SelectorSpec;
import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.plan.PlanSpec;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A plan's spec as the custom resource has it: every default filled in, as REST shows it. */
final class PlanSpecs {

  private PlanSpecs() {}

  static MigrationPlanSpec write(PlanSpec spec) {
    return new MigrationPlanSpec(
        spec.target(),
        scope(spec.scope()),
        spec.waves().stream().map(PlanSpecs::wave).toList(),
        gates(spec.gates()),
        verification(spec.verification()),
        spec.onFailure(),
        spec.apply(),
        spec.adopt(),
        spec.exceptions().stream().map(PlanSpecs::exception).toList());
  }

  private static MigrationPlanSpec.@Nullable Scope scope(PlanSpec.Scope scope) {
    return scope.namespaces().isEmpty() && scope.selector() == null
        ? null
        : new MigrationPlanSpec.Scope(scope.namespaces(), selector(scope.selector()));
  }

  private static MigrationPlanSpec.Wave wave(PlanSpec.WaveSpec wave) {
    return new MigrationPlanSpec.Wave(wave.name(), wave.namespaces(), selector(wave.selector()));
  }

  private static @Nullable SelectorSpec selector(@Nullable LabelSelector selector) {
    return selector == null
        ? null
        : new SelectorSpec(
            new TreeMap<>(selector.matchLabels()),
            selector.matchExpressions().stream().map(PlanSpecs::requirement).toList());
  }

  private static SelectorSpec.Requirement requirement(LabelSelector.Requirement requirement) {
    SelectorSpec.Operator operator =
        switch (requirement.operator()) {
          case IN -> SelectorSpec.Operator.IN;
          case NOT_IN -> SelectorSpec.Operator.NOT_IN;
          case EXISTS -> SelectorSpec.Operator.EXISTS;
          case DOES_NOT_EXIST -> SelectorSpec.Operator.DOES_NOT_EXIST;
        };
    return new SelectorSpec.Requirement(requirement.key(), operator, requirement.values());
  }

  private static MigrationPlanSpec.Gates gates(PlanSpec.Gates gates) {
    return new MigrationPlanSpec.Gates(
        gates.plaintextWindow().toString(),
        gates.noSamples(),
        gates.soak().toString(),
        gates.probes(),
        text(gates.audit()),
        gates.approval(),
        gates.changeWindows().stream().map(Object::toString).toList(),
        gates.hooks().stream()
            .map(hook -> new MigrationPlanSpec.Hook(hook.url().toString(), hook.when()))
            .toList());
  }

  private static @Nullable String text(@Nullable Duration duration) {
    return duration == null ? null : duration.toString();
  }

  private static MigrationPlanSpec.Verification verification(PlanSpec.Verification verification) {
    List<MigrationPlanSpec.IgnoredClient> ignored =
        verification.ignoreClients().stream()
            .map(client -> new MigrationPlanSpec.IgnoredClient(client.cidr(), client.workload()))
            .toList();
    return new MigrationPlanSpec.Verification(
        verification.duration().toString(),
        verification.maxRefusals(),
        verification.maxClientFailureRatio(),
        ignored);
  }

  private static MigrationPlanSpec.PlanException exception(PlanSpec.PolicyException exception) {
    return new MigrationPlanSpec.PlanException(
        exception.namespace(),
        new MigrationPlanSpec.PodSelector(new TreeMap<>(exception.selector())),
        exception.port(),
        exception.owner(),
        exception.reason(),
        exception.expires().toString(),
        exception.plaintextPaths());
  }
}
