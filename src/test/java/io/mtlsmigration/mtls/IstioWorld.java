package io.mtlsmigration.mtls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.mtlsmigration.manifest.FactsReader;
import io.mtlsmigration.manifest.ManifestReader;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/** One line of a file, with our reading of its objects. */
public record IstioWorld(JsonNode vector, MeshSnapshot snapshot, MeshModes modes) {

  private static final Instant OBSERVED = Instant.parse("2026-06-01T00:00:00Z");

  /** What explains a disagreement: the objects that decide modes and client TLS. */
  private static final Set<String> TELLING =
      Set.of("PeerAuthentication", "DestinationRule", "Sidecar", "Service", "ConfigMap");

  public static IstioWorld of(JsonNode vector) {
    StringBuilder objects = new StringBuilder();
    vector.get("objects").forEach(object -> objects.append(object).append('\n'));
    String seed = "seed " + vector.get("seed");
    MeshSnapshot snapshot =
        new FactsReader(FactsReader.Templates.IGNORED)
            .snapshot(ManifestReader.read(objects.toString(), seed), OBSERVED);
    snapshot
        .namespaces()
        .values()
        .forEach(facts -> assertEquals(List.of(), facts.unreadable(), seed));
    return new IstioWorld(vector, snapshot, MeshModes.resolve(snapshot));
  }

  /** In words; none when we answer as Istio does. */
  public List<String> disagreements() {
    List<String> disagreements = new ArrayList<>();
    compareModes(disagreements);
    compareCalls("reachability", disagreements);
    compareCalls("subsets", disagreements);
    return disagreements;
  }

  private void compareModes(List<String> disagreements) {
    for (JsonNode expected : vector.get("modes")) {
      Pod pod = pod(expected.get("pod").asText());
      EffectiveMode mode = modes.namespace(pod.namespace()).of(pod);
      TreeMap<String, String> ports = new TreeMap<>();
      mode.ports().forEach((port, own) -> ports.put(port.toString(), own.name()));
      TreeMap<String, String> wanted = new TreeMap<>();
      for (Map.Entry<String, JsonNode> port : expected.path("ports").properties()) {
        wanted.put(port.getKey(), port.getValue().asText());
      }
      String want = expected.get("mode").asText() + " " + wanted;
      String got = mode.mode() + " " + ports;
      if (!want.equals(got)) {
        disagreements.add(tell("mode of " + pod.ref(), want, got + " by " + mode.decidedBy()));
      }
    }
  }

  /** Calls to a service, or to a subset of it. */
  private void compareCalls(String part, List<String> disagreements) {
    Reachability reachability = Reachability.of(modes);
    for (JsonNode expected : vector.path(part)) {
      Pod client = pod(expected.get("from").asText());
      Service service = service(expected.get("service").asText());
      ServicePort port = port(service, expected.get("port").asInt());
      Pod server = pod(expected.get("to").asText());
      int target = expected.get("targetPort").asInt();
      String call =
          client.ref()
              + " → "
              + service.id()
              + ":"
              + port.port()
              + " → "
              + server.ref()
              + (expected.has("subset") ? " subset " + expected.get("subset").asText() : "");
      List<Backend> backends =
          reachability.backends(service, port).stream()
              .filter(b -> server.equals(b.pod()) && b.targetPort() == target)
              .toList();
      if (backends.size() != 1) {
        disagreements.add(tell(call, "one backend at " + target, backends.toString()));
        continue;
      }
      String subset = expected.hasNonNull("subset") ? expected.get("subset").asText() : null;
      Prediction prediction = reachability.predict(client, service, port, backends.get(0), subset);
      String want = expected.get("clientTls").asText() + " " + expected.get("outcome").asText();
      String got = prediction.clientTls() + " " + prediction.reach();
      if (!want.equals(got)) {
        disagreements.add(tell(call, want, got + " by " + prediction.decidedBy()));
      }
    }
  }

  private Pod pod(String id) {
    return facts(id).pods().stream().filter(p -> p.name().equals(name(id))).findFirst().get();
  }

  private Service service(String id) {
    return facts(id).services().stream().filter(s -> s.id().equals(id)).findFirst().get();
  }

  private static ServicePort port(Service service, int number) {
    return service.ports().stream().filter(p -> p.port() == number).findFirst().get();
  }

  private NamespaceFacts facts(String id) {
    String namespace = id.substring(0, id.indexOf('/'));
    return Objects.requireNonNull(snapshot.namespace(namespace), id);
  }

  private static String name(String id) {
    return id.substring(id.indexOf('/') + 1);
  }

  private String tell(String what, String want, String got) {
    StringBuilder text =
        new StringBuilder("seed %s: %s%n".formatted(vector.get("seed"), what))
            .append("  Istio: %s%n  ours:  %s".formatted(want, got));
    for (JsonNode object : vector.get("objects")) {
      if (TELLING.contains(object.get("kind").asText())) {
        text.append("%n    %s".formatted(brief(object)));
      }
    }
    return text.toString();
  }

  private static String brief(JsonNode object) {
    JsonNode meta = object.get("metadata");
    return "%s %s/%s (%s) %s %s"
        .formatted(
            object.get("kind").asText(),
            meta.path("namespace").asText(),
            meta.get("name").asText(),
            meta.path("creationTimestamp").asText(),
            meta.has("annotations") ? meta.get("annotations") : "",
            object.has("spec") ? object.get("spec") : object.path("data"));
  }
}
