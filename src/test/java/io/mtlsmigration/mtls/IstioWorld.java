// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.hazard.HazardCode;
import io.mtlsmigration.hazard.Hazards;
import io.mtlsmigration.manifest.FactsReader;
import io.mtlsmigration.manifest.ManifestReader;
import io.mtlsmigration.manifest.Templates;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
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
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One line of a file, with our reading of its objects. */
public record IstioWorld(JsonNode vector, MeshSnapshot snapshot, MeshModes modes) {

  private static final Instant OBSERVED = Instant.parse("2026-06-01T00:00:00Z");

  /** What explains a disagreement: the objects that decide modes and client TLS. */
  private static final Set<String> TELLING =
      Set.of(
          "PeerAuthentication",
          "DestinationRule",
          "Sidecar",
          "Service",
          "ServiceEntry",
          "ConfigMap");

  /** The workload, in what the rule tells of it. */
  private static final Pattern TOLD = Pattern.compile("to port \\d+ of (\\S+ \\S+?)(,| by )");

  public static IstioWorld of(JsonNode vector) {
    StringBuilder objects = new StringBuilder();
    vector.get("objects").forEach(object -> objects.append(object).append('\n'));
    String seed = "seed " + vector.get("seed");
    MeshSnapshot snapshot =
        new FactsReader(Templates.IGNORED)
            .read(ManifestReader.read(objects.toString(), seed), OBSERVED)
            .snapshot();
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
    compareEntries(disagreements);
    compareHazard(disagreements);
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

  /** Which sidecars know which ServiceEntries, where they lead, and what is sent there. */
  private void compareEntries(List<String> disagreements) {
    TreeMap<String, String> wanted = new TreeMap<>();
    for (JsonNode expected : vector.path("entries")) {
      String call =
          Stream.of("from", "entry", "host", "port", "to", "targetPort")
              .map(field -> expected.get(field).asText())
              .collect(Collectors.joining(" → "));
      String answer = expected.get("clientTls").asText() + " " + expected.get("outcome").asText();
      String twice = wanted.put(call, answer);
      assertTrue(twice == null || twice.equals(answer), call + " has two answers");
    }
    TreeMap<String, String> got = new TreeMap<>();
    for (NamespaceFacts clients : snapshot.namespaces().values()) {
      for (Pod client : clients.pods()) {
        if (client.dataPlane() == DataPlane.SIDECAR) {
          calls().forEach(call -> predict(client, call, got));
        }
      }
    }
    TreeSet<String> all = new TreeSet<>(wanted.keySet());
    all.addAll(got.keySet());
    for (String call : all) {
      String want = wanted.getOrDefault(call, "not known");
      String ours = got.getOrDefault(call, "not known");
      if (!ours.startsWith(want)) {
        disagreements.add(tell(call, want, ours));
      }
    }
  }

  private List<EntryCall> calls() {
    EntryCalls entries = Reachability.of(modes).entries();
    return snapshot.namespaces().keySet().stream()
        .flatMap(ns -> entries.into(ns).stream())
        .toList();
  }

  private void predict(Pod client, EntryCall call, Map<String, String> answers) {
    Prediction prediction = Reachability.of(modes).predict(client, call);
    if (prediction != null) {
      answers.put(
          String.join(
              " → ",
              id(client),
              call.entry().ref().namespace() + "/" + call.entry().ref().name(),
              call.host(),
              Integer.toString(call.port().number()),
              id(Objects.requireNonNull(call.backend().pod())),
              Integer.toString(call.backend().targetPort())),
          prediction.clientTls() + " " + prediction.reach() + " by " + prediction.decidedBy());
    }
  }

  private static String id(Pod pod) {
    return pod.namespace() + "/" + pod.name();
  }

  /**
   * SERVICE_ENTRY_WITHOUT_MTLS speaks of a pod's port exactly where Istio says that a sidecar sends
   * no mutual TLS to it, and STRICT would close it. Left out is what DISABLE in the entry's own
   * namespace explains.
   */
  private void compareHazard(List<String> disagreements) {
    TreeSet<String> wanted = new TreeSet<>();
    TreeSet<String> disabled = new TreeSet<>();
    for (JsonNode expected : vector.path("entries")) {
      Pod server = pod(expected.get("to").asText());
      int port = expected.get("targetPort").asInt();
      if (server.dataPlane() != DataPlane.SIDECAR
          || server.inbound().bypasses(port)
          || keptOpen(server, port)) {
        continue;
      }
      String entry = expected.get("entry").asText();
      String way = entry + " → " + port + " of " + server.workload();
      if (entry.startsWith(server.namespace() + "/") && disables(server, port)) {
        disabled.add(way);
      } else if (!expected.get("clientTls").asText().equals("ISTIO_MUTUAL")) {
        wanted.add(way);
      }
    }
    TreeSet<String> got = new TreeSet<>();
    for (String namespace : snapshot.namespaces().keySet()) {
      for (Finding finding : Hazards.of(modes, namespace)) {
        if (finding.code() == HazardCode.SERVICE_ENTRY_WITHOUT_MTLS) {
          got.add(way(finding));
        }
      }
    }
    wanted.removeAll(disabled);
    got.removeAll(disabled);
    if (!wanted.equals(got)) {
      disagreements.add(tell("pods behind entries without mutual TLS", "" + wanted, "" + got));
    }
  }

  private static String way(Finding finding) {
    Matcher told = TOLD.matcher(finding.message());
    assertTrue(told.find(), finding.message());
    return finding.subject().namespace()
        + "/"
        + finding.subject().name()
        + " → "
        + finding.port()
        + " of "
        + told.group(1);
  }

  private boolean keptOpen(Pod server, int port) {
    for (JsonNode mode : vector.get("modes")) {
      if (mode.get("pod").asText().equals(id(server))) {
        String own = mode.path("ports").path(Integer.toString(port)).asText("STRICT");
        return !own.equals("STRICT");
      }
    }
    return false;
  }

  private boolean disables(Pod server, int port) {
    NamespaceModes own = modes.namespace(server.namespace());
    return own.mode().mode() == MtlsMode.DISABLE || own.of(server).of(port) == MtlsMode.DISABLE;
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
