// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/** Short ways to say what a test reads. */
final class Given {

  static final Instant NOON = Instant.parse("2026-11-25T12:00:00Z");
  static final String SOURCE = "test.yaml";

  private Given() {}

  static Facts dump(String manifests) {
    return facts(Templates.IGNORED, manifests);
  }

  static Facts folder(String manifests) {
    return facts(Templates.AS_PODS, manifests);
  }

  private static Facts facts(Templates templates, String manifests) {
    return new FactsReader(templates).read(ManifestReader.read(manifests, SOURCE), NOON);
  }

  static NamespaceFacts namespace(Facts facts, String name) {
    return namespace(facts.snapshot(), name);
  }

  static NamespaceFacts namespace(MeshSnapshot snapshot, String name) {
    return Objects.requireNonNull(snapshot.namespace(name), () -> "no namespace " + name);
  }

  /** What the reader says of a source that it refuses. */
  static List<ManifestProblem> problems(byte[] bytes, ReadLimits limits) {
    try {
      ManifestReader.read(new ByteArrayInputStream(bytes), SOURCE, limits);
    } catch (ManifestException e) {
      return e.problems();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new AssertionError("nothing was found wrong");
  }

  static List<ManifestProblem> problems(String text) {
    return problems(text.getBytes(StandardCharsets.UTF_8), ReadLimits.DEFAULT);
  }

  /** {@code pointer: message} of each. */
  static List<String> said(List<ManifestProblem> problems) {
    return problems.stream().map(p -> p.pointer() + ": " + p.message()).toList();
  }
}
