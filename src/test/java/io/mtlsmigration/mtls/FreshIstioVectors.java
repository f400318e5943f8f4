// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Asks Istio about worlds that nobody has seen before: {@code make vectors-fresh}. Of one that we
 * judge otherwise, policies are left out one by one for as long as we still do, so that what is
 * printed is about what the disagreement is about.
 */
final class FreshIstioVectors {

  /** What may be left out: pods and Services are what is asked about. */
  private static final Set<String> POLICIES =
      Set.of("PeerAuthentication", "DestinationRule", "Sidecar", "ServiceEntry");

  /** Disagreements that are shrunk; after these one knows where to look. */
  private static final int SHRUNK = 3;

  /** Istio's fakes keep some 3 MB of each world for as long as they run. */
  private static final int BATCH = 500;

  private final Path folder = Path.of("target", "vectors-fresh");

  @Test
  void answersAsIstioDoes() throws IOException, InterruptedException {
    Long seed = Long.getLong("vectors.seed");
    Integer worlds = Integer.getInteger("vectors.worlds");
    assertNotNull(seed, "say -Dvectors.seed=N");
    assertNotNull(worlds, "say -Dvectors.worlds=N");
    System.out.printf("Asks Istio about %s worlds from seed %s%n", worlds, seed);

    List<IstioWorld> wrong = new ArrayList<>();
    List<String> ambient = new ArrayList<>();
    for (int begun = 0; begun < worlds; begun += BATCH) {
      int batch = Math.min(BATCH, worlds - begun);
      List<IstioWorld> asked = ask(batch, seed + begun, "");
      assertEquals(batch, asked.size());
      asked.stream().filter(world -> !world.disagreements().isEmpty()).forEach(wrong::add);
      AmbientWorld.read(folder.resolve("ambient.jsonl"))
          .forEach(world -> ambient.addAll(world.disagreements()));
    }

    List<String> told = new ArrayList<>();
    for (IstioWorld world : wrong.subList(0, Math.min(SHRUNK, wrong.size()))) {
      told.add(shrunk(world).disagreements().getFirst());
    }
    assertTrue(
        wrong.isEmpty(),
        () ->
            wrong.size()
                + " of "
                + worlds
                + " worlds are judged otherwise, the first of them, shrunk:\n"
                + String.join("\n\n", told));
    assertEquals(List.of(), ambient);
  }

  private IstioWorld shrunk(IstioWorld world) throws IOException, InterruptedException {
    IstioWorld smallest = world;
    List<Integer> policies = policies(world.vector());
    List<Integer> without = new ArrayList<>();
    for (IstioWorld next = smallest; next != null; next = smaller(world, policies, without)) {
      smallest = next;
    }
    return smallest;
  }

  /** One policy less; null when each of those that are left is needed. */
  private @Nullable IstioWorld smaller(
      IstioWorld world, List<Integer> policies, List<Integer> without)
      throws IOException, InterruptedException {
    List<Integer> candidates = policies.stream().filter(n -> !without.contains(n)).toList();
    if (candidates.isEmpty()) {
      return null;
    }
    StringBuilder names = new StringBuilder();
    for (int candidate : candidates) {
      names.append(world.vector().get("seed").asText());
      without.forEach(n -> names.append('-').append(n));
      names.append('-').append(candidate).append(' ');
    }
    List<IstioWorld> answers = ask(0, 0, names.toString().strip());
    for (int i = 0; i < answers.size(); i++) {
      if (!answers.get(i).disagreements().isEmpty()) {
        without.add(candidates.get(i));
        return answers.get(i);
      }
    }
    return null;
  }

  private static List<Integer> policies(JsonNode vector) {
    List<Integer> places = new ArrayList<>();
    JsonNode objects = vector.get("objects");
    for (int i = 0; i < objects.size(); i++) {
      if (POLICIES.contains(objects.get(i).get("kind").asText())) {
        places.add(i);
      }
    }
    return places;
  }

  private List<IstioWorld> ask(int worlds, long seed, String only)
      throws IOException, InterruptedException {
    return Oracle.draw(folder, worlds, seed, only).stream().map(IstioWorld::of).toList();
  }
}
