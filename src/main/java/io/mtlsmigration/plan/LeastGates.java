// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.Cidr;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.plan.PlanSpec.Approval;
import io.mtlsmigration.plan.PlanSpec.Gates;
import io.mtlsmigration.plan.PlanSpec.IgnoredClient;
import io.mtlsmigration.plan.PlanSpec.NoSamples;
import io.mtlsmigration.plan.PlanSpec.Verification;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The minimum gates of a plan, by the configuration; labels of a namespace may require more from
 * plans that it is in, but never less, because a tenant may be able to set them. The author of a
 * plan therefore cannot make one that needs nobody's approval.
 *
 * @param ignoredAddresses the largest number of addresses of a range in {@code ignoreClients};
 *     {@link Long#MAX_VALUE} bounds nothing, and only then may all of a namespace be ignored
 */
public record LeastGates(
    Approval approval,
    Duration soak,
    Duration plaintextWindow,
    boolean probes,
    NoSamples noSamples,
    int maxRefusals,
    double maxClientFailureRatio,
    long ignoredAddresses) {

  public static final LeastGates NOTHING =
      new LeastGates(
          Approval.NONE,
          Duration.ZERO,
          Duration.ZERO,
          false,
          NoSamples.PASS,
          Integer.MAX_VALUE,
          1,
          Long.MAX_VALUE);

  /** The code of every problem of this kind. */
  public static final String CODE = "BELOW_LEAST";

  private static final String KEY = "mtls-migration.gates.least.";
  private static final String LABEL = "mtls-migration.io/least-";

  /** The requirement of a label whose value cannot be parsed. */
  private static final Duration UNREADABLE = Duration.ofDays(30);

  /** Returns the requirements of a namespace's labels that a plan does not meet. */
  public static List<Problem> unmet(Gates gates, NamespaceFacts facts) {
    ProblemList problems = new ProblemList();
    labelled(
        gates,
        facts.name(),
        facts.labels(),
        new Found(problems, "tighten the plan, or have the gate approval overridden"));
    return problems.all();
  }

  void check(PlanSpec spec, MeshSnapshot snapshot, ScopedNamespaces scoped, ProblemList problems) {
    Found found =
        new Found(
            problems, "ask for as much, or have it made over REST by who holds the verb override");
    configured(spec.gates(), found);
    configured(spec.verification(), found);
    for (String name : scoped.members()) {
      NamespaceFacts facts = snapshot.namespace(name);
      if (facts != null && !facts.labels().isEmpty()) {
        labelled(spec.gates(), name, facts.labels(), found);
      }
    }
  }

  private void configured(Gates gates, Found found) {
    found.unless(
        gates.approval().compareTo(approval) >= 0, "/gates/approval", approval, "approval");
    found.unless(gates.soak().compareTo(soak) >= 0, "/gates/soak", soak, "soak");
    found.unless(
        gates.plaintextWindow().compareTo(plaintextWindow) >= 0,
        "/gates/plaintextWindow",
        plaintextWindow,
        "plaintext-window");
    found.unless(gates.probes() || !probes, "/gates/probes", true, "probes");
    found.unless(
        gates.noSamples() == NoSamples.HOLD || noSamples == NoSamples.PASS,
        "/gates/noSamples",
        NoSamples.HOLD,
        "no-samples");
  }

  private void configured(Verification verification, Found found) {
    found.unless(
        verification.maxRefusals() <= maxRefusals,
        "/verification/maxRefusals",
        maxRefusals,
        "max-refusals");
    found.unless(
        verification.maxClientFailureRatio() <= maxClientFailureRatio,
        "/verification/maxClientFailureRatio",
        maxClientFailureRatio,
        "max-client-failure-ratio");
    for (int i = 0; i < verification.ignoreClients().size(); i++) {
      found.unless(
          narrow(verification.ignoreClients().get(i)),
          "/verification/ignoreClients/" + i,
          "ranges of " + ignoredAddresses + " addresses, or single workloads",
          "ignored-addresses");
    }
  }

  private boolean narrow(IgnoredClient client) {
    if (ignoredAddresses == Long.MAX_VALUE) {
      return true;
    }
    String cidr = client.cidr();
    return cidr == null
        ? !client.wholeNamespace()
        : Cidr.parse(cidr).map(range -> range.size() <= ignoredAddresses).orElse(true);
  }

  private static void labelled(
      Gates gates, String namespace, Map<String, String> labels, Found found) {
    String wanted = labels.get(LABEL + "approval");
    if (wanted != null) {
      Approval least = approval(wanted);
      found.label(
          gates.approval().compareTo(least) >= 0, "/gates/approval", least, namespace, "approval");
    }
    duration(labels.get(LABEL + "soak"))
        .ifPresent(
            least ->
                found.label(
                    gates.soak().compareTo(least) >= 0, "/gates/soak", least, namespace, "soak"));
    duration(labels.get(LABEL + "plaintext-window"))
        .ifPresent(
            least ->
                found.label(
                    gates.plaintextWindow().compareTo(least) >= 0,
                    "/gates/plaintextWindow",
                    least,
                    namespace,
                    "plaintext-window"));
  }

  private static Approval approval(String text) {
    return switch (text.toUpperCase(Locale.ROOT)) {
      case "NONE" -> Approval.NONE;
      case "WAVE" -> Approval.WAVE;
      default -> Approval.NAMESPACE;
    };
  }

  private static Optional<Duration> duration(@Nullable String text) {
    return text == null
        ? Optional.empty()
        : Optional.of(DurationText.parse(text).orElse(UNREADABLE));
  }

  /** Collects problems; of the same field only the first namespace's. */
  private record Found(ProblemList problems, String remedy) {

    void unless(boolean holds, String pointer, Object least, String key) {
      tell(holds, pointer, least + " by " + KEY + key);
    }

    void label(boolean holds, String pointer, Object least, String namespace, String key) {
      tell(holds, pointer, least + " by the label " + LABEL + key + " of namespace " + namespace);
    }

    private void tell(boolean holds, String pointer, String least) {
      if (!holds && problems.all().stream().noneMatch(known -> known.pointer().equals(pointer))) {
        problems.add(pointer, CODE, "less than is asked for, which is " + least + ": " + remedy);
      }
    }
  }
}
