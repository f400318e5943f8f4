// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.api.view.AnalysisView;
import io.mtlsmigration.api.view.AnalysisView.Call;
import io.mtlsmigration.api.view.AnalysisView.NamespacePair;
import io.mtlsmigration.api.view.FindingView;
import io.mtlsmigration.api.view.PolicyView;
import io.mtlsmigration.rollout.Words;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Prints an analysis as lines for terminals and build logs. */
final class AnalysisText {

  /** What nobody can tell from manifests alone. */
  static final String OTHER_CLIENTS =
      "not known: clients that these manifests do not have, in other namespaces or clusters";

  private final List<String> lines = new ArrayList<>();

  private AnalysisText() {}

  /** Returns the lines without line ends; names in them are as others gave them, not escaped. */
  static List<String> lines(AnalysisView analysis) {
    return lines(analysis, analysis.problems().stream().map(AnalysisText::problem).toList());
  }

  /**
   * The same.
   *
   * @param problems what could not be read, with its place as the caller knows it
   */
  static List<String> lines(AnalysisView analysis, List<String> problems) {
    AnalysisText text = new AnalysisText();
    text.namespaces(analysis);
    text.policies(analysis);
    text.findings(analysis);
    text.reachability(analysis);
    text.whatIf(analysis);
    unknown(analysis).forEach(line -> text.line("%s", line));
    problems.forEach(problem -> text.line("cannot be read: %s", problem));
    return text.lines;
  }

  private void namespaces(AnalysisView analysis) {
    line(
        "%s, %s",
        Words.counted(analysis.namespaces().size(), "namespace"),
        Words.counted(analysis.workloads().size(), "workload"));
    for (AnalysisView.Namespace namespace : analysis.namespaces()) {
      line(
          "  %s: %s, %d of %s captured%s",
          namespace.name(),
          namespace.posture(),
          namespace.captured(),
          Words.counted(namespace.workloads(), "workload"),
          namespace.decidedBy() == null
              ? ""
              : ", by " + namespace.decidedBy().namespace() + "/" + namespace.decidedBy().name());
    }
  }

  private void policies(AnalysisView analysis) {
    for (PolicyView policy : analysis.policies()) {
      if (!policy.effective()) {
        line("without effect: %s/%s: %s", policy.namespace(), policy.name(), policy.whyNot());
      }
    }
  }

  private void findings(AnalysisView analysis) {
    for (FindingView finding : analysis.findings()) {
      line(
          "%s %s %s: %s %s",
          finding.severity(),
          finding.code(),
          finding.subject().words(),
          finding.message(),
          finding.remedy());
    }
  }

  private void reachability(AnalysisView analysis) {
    if (analysis.reachabilityOmitted() != null) {
      line("reachability left out: %s", analysis.reachabilityOmitted());
    }
    for (Object row : analysis.reachability()) {
      if (row instanceof NamespacePair pair) {
        line(
            "%s to %s: calls that work: %d of %d", pair.from(), pair.to(), pair.ok(), pair.calls());
      } else if (row instanceof Call call) {
        line("%s: %s, %s", pair(call), call.clientTls(), call.outcome());
      }
    }
  }

  private void whatIf(AnalysisView analysis) {
    AnalysisView.WhatIf whatIf = analysis.whatIf();
    if (whatIf == null) {
      return;
    }
    line(
        "%s for the mesh: %s, %s",
        whatIf.mode(),
        Words.counted(whatIf.changes().size(), "write"),
        breaking(whatIf.breaking()) + fromOutside(whatIf));
    whatIf.obstacles().forEach(o -> line("  first: %s: %s", o.namespace(), o.message()));
    once(whatIf.breaks()).forEach(call -> line("  breaks: %s", pair(call)));
    whatIf.breaksFromOutside().forEach(found -> line("  breaks: %s", outside(found)));
    line("%s", OTHER_CLIENTS);
  }

  /** Returns a call whose client is no workload of the set, as text. */
  static String outside(FindingView finding) {
    return "%s of %s, port %s: %s"
        .formatted(finding.code(), finding.subject().words(), finding.port(), finding.message());
  }

  /** Returns what breaks besides the calls of the set's workloads, as the end of a sentence. */
  static String fromOutside(AnalysisView.WhatIf whatIf) {
    int ways = whatIf.breaksFromOutside().size();
    return ways == 0 ? "" : ", and what comes from outside by " + Words.counted(ways, "way");
  }

  private static String breaking(@Nullable Long calls) {
    if (calls == null) {
      return "an unknown number of calls break";
    }
    return Words.counted(calls, "call") + (calls == 1 ? " breaks" : " break");
  }

  /** Returns what the set leaves open, and what of it was not looked at. */
  static List<String> unknown(AnalysisView analysis) {
    List<String> lines = new ArrayList<>();
    if (!analysis.undefinedNamespaces().isEmpty()) {
      lines.add(undefined(analysis.undefinedNamespaces()));
    }
    if (!analysis.undefinedGateways().isEmpty()) {
      lines.add(
          "not known: whether Istio serves the routes of "
              + Words.list(analysis.undefinedGateways())
              + ": the Gateway is not given, and what comes through one that is not Istio's is"
              + " plaintext; add it, with its GatewayClass");
    }
    if (!analysis.ignoredKinds().isEmpty()) {
      lines.add(
          analysis.ignoredKinds().entrySet().stream()
              .map(kind -> kind.getValue() + " " + kind.getKey())
              .collect(Collectors.joining(", ", "not looked at: ", " (kinds that are not read)")));
    }
    return lines;
  }

  static String undefined(List<String> namespaces) {
    return "not known: whether Istio injects sidecars in "
        + Words.list(namespaces)
        + ": the Namespace with its labels is not given, and no pod counts as having one that does"
        + " not ask for it itself; add it, or name it as injected";
  }

  private static String problem(AnalysisView.Unread unread) {
    return "document "
        + unread.document()
        + (unread.line() > 0 ? ", line " + unread.line() : "")
        + (unread.pointer().isEmpty() ? "" : ", " + unread.pointer())
        + ": "
        + unread.message();
  }

  /** Returns the first of the calls of each {@link #pair}. */
  static List<Call> once(List<Call> calls) {
    Set<String> pairs = new HashSet<>();
    return calls.stream().filter(call -> pairs.add(pair(call))).toList();
  }

  /** Returns one call as text: the client, and the server's port. */
  static String pair(Call call) {
    return "%s.%s to %s.%s:%d"
        .formatted(
            call.from().name(),
            call.from().namespace(),
            call.to().service(),
            call.to().namespace(),
            call.to().port());
  }

  // The missing annotation is Error Prone's own, which programs should not depend on.
  @SuppressWarnings("AnnotateFormatMethod")
  private void line(String format, Object... arguments) {
    lines.add(format.formatted(arguments));
  }
}
