// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mtlsmigration.manifest.FactsReader;
import io.mtlsmigration.manifest.ManifestReader;
import io.mtlsmigration.manifest.Templates;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One line of ambient.jsonl: PeerAuthentications that are written one after the other, and which
 * ports of which ambient pods refuse plaintext after each, by Istio's own index of what ztunnels
 * are sent.
 */
public final class AmbientWorld {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant OBSERVED = Instant.parse("2026-06-01T00:00:00Z");

  private final JsonNode vector;
  private final Map<String, JsonNode> policies = new TreeMap<>();
  private int answers;
  private int uncertain;
  private int otherwise;

  private AmbientWorld(JsonNode vector) {
    this.vector = vector;
  }

  /** Those that are committed. */
  public static List<AmbientWorld> kept() throws IOException {
    return read(Path.of("src/test/resources/vectors/ambient.jsonl"));
  }

  static List<AmbientWorld> read(Path file) throws IOException {
    List<AmbientWorld> worlds = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      worlds.add(new AmbientWorld(JSON.readTree(line)));
    }
    return worlds;
  }

  /** In words, about every step; none when each of our answers is Istio's, or "not known". */
  public List<String> disagreements() {
    List<String> disagreements = new ArrayList<>();
    policies.clear();
    for (JsonNode step : vector.get("steps")) {
      apply(step);
      compare(step.get("refused"), true, disagreements);
    }
    compare(vector.get("anew"), false, disagreements);
    return disagreements;
  }

  /** The mesh after the last step. */
  public MeshSnapshot last() {
    policies.clear();
    vector.get("steps").forEach(this::apply);
    return snapshot();
  }

  /** {@code /debug/ambientz} after the last step. */
  public String page() {
    return vector.get("page").toString();
  }

  /** Whether plaintext to a port of a pod is refused after the last step. */
  public boolean refused(Pod pod, int port) {
    return holds(vector.get("steps").get(vector.get("steps").size() - 1).get("refused"), pod, port);
  }

  /** Ports that are asked for. */
  public List<Integer> asked() {
    List<Integer> ports = new ArrayList<>();
    vector.get("asked").forEach(port -> ports.add(port.asInt()));
    return ports;
  }

  public String seed() {
    return "seed " + vector.get("seed");
  }

  /** Answers that were compared, of a port of a pod after a step. */
  public int answers() {
    return answers;
  }

  /** Those of them of which we say that it may be otherwise. */
  public int uncertain() {
    return uncertain;
  }

  /** Those of the uncertain ones that were otherwise. */
  public int otherwise() {
    return otherwise;
  }

  private void apply(JsonNode step) {
    JsonNode write = step.path("write");
    if (!write.isMissingNode()) {
      JsonNode meta = write.get("metadata");
      policies.put(meta.get("namespace").asText() + "/" + meta.get("name").asText(), write);
    }
    policies.remove(step.path("delete").asText());
  }

  private MeshSnapshot snapshot() {
    StringBuilder objects = new StringBuilder();
    vector.get("objects").forEach(object -> objects.append(object).append('\n'));
    policies.values().forEach(object -> objects.append(object).append('\n'));
    return new FactsReader(Templates.IGNORED)
        .read(ManifestReader.read(objects.toString(), seed()), OBSERVED)
        .snapshot();
  }

  /**
   * Holds the modes against answers.
   *
   * @param history whether they may come from rules that are older than the policies
   */
  private void compare(JsonNode refused, boolean history, List<String> disagreements) {
    MeshModes modes = MeshModes.resolve(snapshot());
    for (Pod pod : ambient(modes.snapshot())) {
      NamespaceModes namespace = modes.namespace(pod.namespace());
      EffectiveMode mode = namespace.of(pod);
      for (int port : asked()) {
        boolean want = holds(refused, pod, port);
        boolean got = mode.of(port) == MtlsMode.STRICT;
        boolean unknown =
            namespace.otherwise(pod).stream().anyMatch(o -> got != (o.of(port) == MtlsMode.STRICT));
        if (history) {
          answers++;
          uncertain += unknown ? 1 : 0;
          otherwise += unknown && want != got ? 1 : 0;
        }
        if (want != got && !(unknown && (history || emptySelector()))) {
          disagreements.add(tell(pod, port, want, history));
        }
      }
    }
  }

  /**
   * A policy with {@code selector: {}} is the namespace's for the workloads, and none for the rules
   * that istiod makes. We do not tell it from one without selector, and say "not known".
   */
  private boolean emptySelector() {
    return policies.values().stream()
        .map(policy -> policy.get("spec").path("selector"))
        .anyMatch(selector -> selector.isObject() && selector.isEmpty());
  }

  /** Pods that ztunnel works for. */
  public static List<Pod> ambient(MeshSnapshot snapshot) {
    return snapshot.namespaces().values().stream()
        .flatMap(facts -> facts.pods().stream())
        .filter(pod -> pod.dataPlane() == DataPlane.AMBIENT)
        .toList();
  }

  private static boolean holds(JsonNode refused, Pod pod, int port) {
    for (JsonNode each : refused.get(pod.namespace() + "/" + pod.name())) {
      if (each.asInt() == port) {
        return true;
      }
    }
    return false;
  }

  private String tell(Pod pod, int port, boolean refused, boolean history) {
    StringBuilder text =
        new StringBuilder(
            "%s, %s: port %s of %s is %s"
                .formatted(
                    seed(),
                    history ? "with its history" : "made anew",
                    port,
                    pod.ref(),
                    refused ? "refused" : "open"));
    policies.forEach((name, policy) -> text.append("\n    " + name + " " + policy.get("spec")));
    return text.toString();
  }
}
