// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.manifest.Facts;
import io.mtlsmigration.manifest.Manifest;
import io.mtlsmigration.manifest.ManifestException;
import io.mtlsmigration.manifest.ManifestProblem;
import io.mtlsmigration.manifest.ManifestReader;
import io.mtlsmigration.manifest.ReadLimits;
import io.mtlsmigration.plan.Ratchet;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the files of a scenario and collects every problem in them. */
final class ScenarioReader {

  private final Instant now;
  private final List<Manifest> objects = new ArrayList<>();
  private final List<Manifest> traffic = new ArrayList<>();
  private final List<ManifestProblem> problems = new ArrayList<>();
  private boolean complete = true;
  private @Nullable Ratchet ratchet;

  ScenarioReader(Instant now) {
    this.now = now;
  }

  void add(InputStream file, String name) {
    try {
      for (Manifest manifest : ManifestReader.read(file, name, ReadLimits.DEFAULT)) {
        if (SimulatedRatchet.isEntries(manifest.ref())) {
          ratchet = SimulatedRatchet.read(manifest);
        } else {
          (manifest.group().equals(ScenarioManifests.GROUP) ? traffic : objects).add(manifest);
        }
      }
    } catch (ManifestException e) {
      problems.addAll(e.problems());
      complete = false; // names from this file are not reported as missing
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name, e);
    }
  }

  /**
   * Returns the scenario of the files.
   *
   * @throws ScenarioException with every problem
   */
  Scenario scenario(String name) {
    Facts facts = ScenarioManifests.reader().read(objects, now);
    facts.problems().stream()
        .filter(
            p ->
                objects.stream()
                    .noneMatch(m -> ScenarioManifests.storedAnyway(m) && concerns(p, m)))
        .forEach(problems::add);
    TrafficReader reader = new TrafficReader(problems);
    traffic.forEach(reader::read);
    if (complete) {
      reader.checkReferences(facts.snapshot());
    }
    if (!problems.isEmpty()) {
      throw new ScenarioException(name, problems);
    }
    return new Scenario(facts.snapshot(), reader.calls(), reader.events(), ratchet);
  }

  private static boolean concerns(ManifestProblem problem, Manifest manifest) {
    return problem.source().equals(manifest.source())
        && problem.document() == manifest.document()
        && problem.pointer().startsWith(manifest.pointer());
  }
}
