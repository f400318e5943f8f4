// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.analyse;

import io.mtlsmigration.api.ManifestAnalysis;
import io.mtlsmigration.api.view.AnalysisView;
import io.mtlsmigration.api.view.FindingView;
import io.mtlsmigration.api.view.Ref;
import io.mtlsmigration.app.analyse.ManifestFiles.FileLine;
import io.mtlsmigration.manifest.ManifestProblem;
import io.mtlsmigration.mesh.ObjectRef;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;

/**
 * An analysis with further information for build systems.
 *
 * @param threshold null when nothing makes it fail
 * @param version of this program
 */
record Report(
    AnalysisView analysis, ManifestFiles files, @Nullable Threshold threshold, String version) {

  /** Returns how the command ends. */
  int code() {
    if (!files.whole()) {
      return ExitCode.USAGE;
    }
    boolean fails =
        threshold != null && (threshold.isReachedBy(analysis) || uncounted().isPresent());
    return fails ? ExitCode.SOFTWARE : ExitCode.OK;
  }

  /** Returns whether what could not be read makes the command fail. */
  boolean failsUnread() {
    return threshold != null || !files.whole();
  }

  /** Returns whether the finding makes the command fail for its severity. */
  boolean fails(FindingView finding) {
    return threshold != null && threshold.isReachedBy(finding);
  }

  /** Returns where the object was read; null when other objects only refer to it. */
  @Nullable FileLine place(Ref ref) {
    return files.places().get(new ObjectRef(ref.kind(), ref.namespace(), ref.name()));
  }

  List<ManifestProblem> problems() {
    return files.facts().problems();
  }

  /** Returns the listed calls that STRICT would break, those to a Service's port once. */
  List<AnalysisView.Call> breaks() {
    AnalysisView.WhatIf whatIf = analysis.whatIf();
    return whatIf == null ? List.of() : ManifestAnalysis.once(whatIf.breaks());
  }

  /** Returns findings of calls of others that STRICT would break. */
  List<FindingView> breaksFromOutside() {
    AnalysisView.WhatIf whatIf = analysis.whatIf();
    return whatIf == null ? List.of() : whatIf.breaksFromOutside();
  }

  /** Returns where the first object of a namespace was read; null when it has none. */
  @Nullable FileLine placeOf(String namespace) {
    return first(
        files.places().entrySet().stream()
            .filter(place -> place.getKey().namespace().equals(namespace))
            .map(Map.Entry::getValue));
  }

  /** Returns where the first object of all was read; null when there is none. */
  @Nullable FileLine firstPlace() {
    return first(files.places().values().stream());
  }

  private static @Nullable FileLine first(Stream<FileLine> places) {
    return places
        .min(Comparator.comparing(FileLine::file).thenComparingInt(FileLine::line))
        .orElse(null);
  }

  /** Returns that, and why, nobody knows how many calls STRICT would break, where this fails. */
  Optional<String> uncounted() {
    if (threshold != null && files.onlyMakers()) {
      return Optional.of(
          "Nothing was looked at: the files have only objects that make others (%s). Pipe what they make."
              .formatted(files.makers().getFirst()));
    }
    AnalysisView.WhatIf whatIf = analysis.whatIf();
    if (threshold != Threshold.BREAKING || (whatIf != null && whatIf.breaking() != null)) {
      return Optional.empty();
    }
    String why = analysis.reachabilityOmitted();
    return Optional.of("Calls were not counted." + (why == null ? "" : " " + why));
  }
}
