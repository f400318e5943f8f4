// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.api.view.AnalysisView;
import io.mtlsmigration.manifest.FactsReader;
import io.mtlsmigration.manifest.ManifestReader;
import io.mtlsmigration.manifest.Templates;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AnalysisTextTest {

  private static List<String> unread(String yaml) {
    AnalysisView analysis =
        Analyses.view(
            new FactsReader(Templates.AS_PODS_AND_PODS)
                .read(ManifestReader.read(yaml, "given"), Instant.EPOCH),
            false,
            false);
    return AnalysisText.lines(analysis).stream()
        .filter(line -> line.startsWith("cannot be read"))
        .toList();
  }

  @Test
  void saysWhereWhatCannotBeReadIs() {
    assertEquals(
        List.of(
            "cannot be read: document 1, line 1, /spec/type: Service foo/a: must be a string, but"
                + " is a number: put it in quotes"),
        unread(
            "{apiVersion: v1, kind: Service, metadata: {name: a, namespace: foo}, spec: {type: 1}}"));
  }

  /** The whole object is meant, which has no place within itself. */
  @Test
  void saysNoPlaceWithinAnObjectThatIsMeantAsAWhole() {
    String pod =
        "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: foo, labels: {of: %s}}}";

    assertEquals(
        List.of(
            "cannot be read: document 2, line 3: Pod foo/a: is given twice, and differently: also at"
                + " given:1. This one counts here; overlays are to be rendered first"),
        unread(pod.formatted("a") + "\n---\n" + pod.formatted("b")));
  }
}
