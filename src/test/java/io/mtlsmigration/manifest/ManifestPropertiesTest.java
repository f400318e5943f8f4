// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.testing.Draw;
import io.mtlsmigration.testing.Seeds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What holds for every input. */
final class ManifestPropertiesTest {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** Small, so that each of them is met. */
  private static final ReadLimits TIGHT = new ReadLimits(20_000, 20, 12, 300, 5_000, 50, 10, 20);

  private static final Duration SOON = Duration.ofSeconds(5);

  private static final List<String> SOUP =
      List.of(
          "{",
          "}",
          "[",
          "]",
          ":",
          ": ",
          ", ",
          "- ",
          "? ",
          "\n",
          "\n  ",
          "\n---\n",
          "\n...\n",
          "&a ",
          "*a",
          "<<: ",
          "!!str ",
          "!x ",
          "|\n",
          ">-\n",
          "\"",
          "'",
          "#",
          "\t",
          "%YAML 1.1\n",
          "a",
          "b: ",
          "true",
          "1",
          "\\u0041",
          "\\x",
          "\\UFFFFFFFF",
          "\"\\UFFFFFFFF\"",
          "apiVersion: v1\n",
          "kind: Pod\n",
          "kind: List\n",
          "metadata: {name: a}\n",
          "items:\n",
          "{\"kind\": \"List\", \"items\": [",
          "\uFEFF",
          "{apiVersion: v1, kind: Pod, metadata: {name: a}}");

  private static final List<String> KINDS =
      List.of(
          "v1 Pod",
          "v1 Service",
          "v1 Namespace",
          "v1 ConfigMap",
          "apps/v1 Deployment",
          "batch/v1 CronJob",
          "discovery.k8s.io/v1 EndpointSlice",
          "security.istio.io/v1 PeerAuthentication",
          "networking.istio.io/v1 DestinationRule",
          "networking.istio.io/v1 Sidecar");

  private static final List<String> FIELDS =
      List.of(
          "spec",
          "status",
          "data",
          "endpoints",
          "ports",
          "containers",
          "template",
          "jobTemplate",
          "mesh",
          "mtls",
          "mode",
          "portLevelMtls",
          "selector",
          "matchLabels",
          "trafficPolicy",
          "tls",
          "subsets",
          "port",
          "number",
          "hosts",
          "egress",
          "ingress",
          "conditions",
          "targetRef",
          "name");

  @Test
  void readsBackWhatItWrites() {
    Seeds.each(300, draw -> readsBackWhatItWrites(object(draw)));
  }

  private static void readsBackWhatItWrites(ObjectNode object) {
    String document = "---\n" + ManifestWriter.yaml(object);
    String yaml = document + document;

    Manifests read = ManifestReader.read(yaml, "test");

    assertEquals(
        List.of(object, object), read.objects().stream().map(Manifest::tree).toList(), yaml);
  }

  @Test
  void readsTheSameFromJsonAndYaml() {
    Seeds.each(300, draw -> readsTheSameFromJsonAndYaml(object(draw)));
  }

  private static void readsTheSameFromJsonAndYaml(ObjectNode object) {
    Manifests json = ManifestReader.read(object.toString(), "test");

    assertEquals(List.of(object), json.objects().stream().map(Manifest::tree).toList());
  }

  @Test
  void readsBackEveryPolicy() {
    Seeds.each(300, draw -> readsBackEveryPolicy(spec(draw)));
  }

  private static void readsBackEveryPolicy(PeerAuthentication.Spec spec) {
    ObjectRef ref = ObjectRef.peerAuthentication("foo", "default");
    String yaml = ManifestWriter.yaml(ManifestWriter.peerAuthentication(ref, spec));

    JsonNode tree = ManifestReader.read(yaml, "test").objects().get(0).tree();

    assertEquals(
        spec, new ObjectReader(Given.NOON).peerAuthentication(tree).orThrow().spec(), yaml);
  }

  @Test
  void survivesAnyBytes() {
    Seeds.each(
        2_000,
        draw -> {
          byte[] bytes = draw.bytes(300);

          assertTimeoutPreemptively(SOON, () -> readsOrRefuses(bytes));
        });
  }

  @Test
  void survivesAnySoupOfYamlAndJson() {
    Seeds.each(
        2_000,
        draw -> {
          List<String> few = draw.list(1, 12, () -> draw.of(SOUP)); // so that they nest
          byte[] soup =
              String.join("", draw.list(0, 60, () -> draw.of(draw.coin() ? few : SOUP)))
                  .getBytes(StandardCharsets.UTF_8);

          assertTimeoutPreemptively(SOON, () -> readsOrRefuses(soup));
        });
  }

  @Test
  void survivesAnyFactsInTheWrongPlace() {
    Seeds.each(1_000, draw -> survivesAnyFactsInTheWrongPlace(misshapen(draw)));
  }

  private static void survivesAnyFactsInTheWrongPlace(ObjectNode object) {
    Manifests manifests = ManifestReader.read(object.toString(), "test");

    Facts facts = new FactsReader(Templates.AS_PODS).read(manifests, Given.NOON);

    facts
        .snapshot()
        .namespaces()
        .values()
        .forEach(ns -> ns.unreadable().forEach(u -> assertFalse(u.reason().isEmpty())));
  }

  private static void readsOrRefuses(byte[] bytes) throws IOException {
    try {
      Manifests read = ManifestReader.read(new ByteArrayInputStream(bytes), "test", TIGHT);
      new FactsReader(Templates.AS_PODS).read(read, Given.NOON);
    } catch (ManifestException e) {
      assertFalse(e.problems().isEmpty());
    }
  }

  private static ObjectNode object(Draw draw) {
    ObjectNode object = NODES.objectNode();
    object.put("apiVersion", "example.com/v1").put("kind", "Thing");
    object.putObject("metadata").put("name", "a");
    object.set("spec", tree(draw, 3, () -> draw.text(30)));
    return object;
  }

  private static PeerAuthentication.Spec spec(Draw draw) {
    List<String> words = List.of("", "app", "no", "1.0", "tier", "true", "~", "a/b");
    Map<String, String> labels = new HashMap<>();
    Map<Integer, MtlsMode> ports = new HashMap<>();
    for (int n = draw.below(4); n > 0; n--) {
      labels.put(words.get(draw.between(1, 7)), draw.of(words));
    }
    for (int n = draw.below(4); n > 0; n--) {
      ports.put(draw.between(1, 65_535), draw.of(MtlsMode.class));
    }
    return new PeerAuthentication.Spec(labels, draw.of(MtlsMode.class), ports);
  }

  /** An object of a known kind whose fields have any type. */
  private static ObjectNode misshapen(Draw draw) {
    String[] kind = draw.of(KINDS).split(" ");
    JsonNode body = tree(draw, 3, () -> draw.of(FIELDS));
    ObjectNode object = NODES.objectNode();
    object.put("apiVersion", kind[0]).put("kind", kind[1]);
    object.putObject("metadata").put("name", "istio").put("namespace", "foo");
    for (String part : List.of("spec", "status", "data", "endpoints", "ports")) {
      object.set(part, body.isObject() ? body.path(part) : body);
    }
    return object;
  }

  private static JsonNode tree(Draw draw, int depth, Supplier<String> keys) {
    int kind = depth == 0 ? 0 : draw.below(3);
    if (kind == 0) {
      return scalar(draw);
    }
    List<JsonNode> inner = draw.list(0, 4, () -> tree(draw, depth - 1, keys));
    if (kind == 1) {
      return NODES.arrayNode().addAll(inner);
    }
    ObjectNode object = NODES.objectNode();
    inner.forEach(node -> object.set(keys.get(), node));
    return object;
  }

  private static JsonNode scalar(Draw draw) {
    return switch (draw.below(6)) {
      case 0 -> NODES.textNode(draw.text(30));
      case 1 ->
          NODES.textNode(
              draw.of("no", "~", "", "1", "1e3", "<<", "2026-01-01", "a\n b\n", " x ", "'"));
      case 2 -> integer(draw.coin() ? draw.size() : -draw.size());
      case 3 -> NODES.numberNode((draw.share() - 0.5) * draw.of(1.0, 1e-300, 1e9, 1e300));
      case 4 -> NODES.booleanNode(draw.coin());
      default -> NODES.nullNode();
    };
  }

  /** As every other reader of JSON: an integer that fits an int is one. */
  private static JsonNode integer(long value) {
    return value == (int) value ? NODES.numberNode((int) value) : NODES.numberNode(value);
  }
}
