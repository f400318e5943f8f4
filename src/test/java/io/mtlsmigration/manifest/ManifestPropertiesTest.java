package io.mtlsmigration.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds for every input. */
final class ManifestPropertiesTest {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** Small, so that each of them is met. */
  private static final Limits TIGHT = new Limits(20_000, 20, 12, 300, 5_000, 50, 10, 20);

  private static final Duration SOON = Duration.ofSeconds(5);

  @Property(tries = 300)
  void readsBackWhatItWrites(@ForAll("objects") ObjectNode object) {
    String yaml = ManifestWriter.yaml(List.of(object, object));

    Manifests read = ManifestReader.read(yaml, "test");

    assertEquals(
        List.of(object, object), read.objects().stream().map(Manifest::tree).toList(), yaml);
  }

  @Property(tries = 300)
  void readsTheSameFromJsonAndYaml(@ForAll("objects") ObjectNode object) {
    Manifests json = ManifestReader.read(object.toString(), "test");

    assertEquals(List.of(object), json.objects().stream().map(Manifest::tree).toList());
  }

  @Property(tries = 300)
  void readsBackEveryPolicy(@ForAll("specs") PeerAuthentication.Spec spec) {
    ObjectRef ref = ObjectRef.peerAuthentication("foo", "default");
    String yaml = ManifestWriter.yaml(ManifestWriter.peerAuthentication(ref, spec));

    JsonNode tree = ManifestReader.read(yaml, "test").objects().get(0).tree();

    assertEquals(
        spec, new ObjectReader(Given.NOON).peerAuthentication(tree).orThrow().spec(), yaml);
  }

  @Property(tries = 2_000)
  void survivesAnyBytes(@ForAll byte[] bytes) {
    assertTimeoutPreemptively(SOON, () -> readsOrRefuses(bytes));
  }

  @Property(tries = 2_000)
  void survivesAnySoupOfYamlAndJson(@ForAll("soups") String text) {
    assertTimeoutPreemptively(SOON, () -> readsOrRefuses(text.getBytes(StandardCharsets.UTF_8)));
  }

  @Property(tries = 1_000)
  void survivesAnyFactsInTheWrongPlace(@ForAll("misshapen") ObjectNode object) {
    Manifests manifests = ManifestReader.read(object.toString(), "test");

    Facts facts = new FactsReader(FactsReader.Templates.AS_PODS).read(manifests, Given.NOON);

    facts
        .snapshot()
        .namespaces()
        .values()
        .forEach(ns -> ns.unreadable().forEach(u -> assertFalse(u.reason().isEmpty())));
  }

  private static void readsOrRefuses(byte[] bytes) throws IOException {
    try {
      Manifests read = ManifestReader.read(new ByteArrayInputStream(bytes), "test", TIGHT);
      new FactsReader(FactsReader.Templates.AS_PODS).read(read, Given.NOON);
    } catch (ManifestException e) {
      assertFalse(e.problems().isEmpty());
    }
  }

  @Provide
  Arbitrary<ObjectNode> objects() {
    return values()
        .map(
            value -> {
              ObjectNode object = NODES.objectNode();
              object.put("apiVersion", "example.com/v1").put("kind", "Thing");
              object.putObject("metadata").put("name", "a");
              object.set("spec", value);
              return object;
            });
  }

  @Provide
  Arbitrary<PeerAuthentication.Spec> specs() {
    Arbitrary<MtlsMode> modes = Arbitraries.of(MtlsMode.values());
    Arbitrary<String> words = Arbitraries.of("app", "no", "1.0", "tier", "true", "~", "a/b", "");
    Arbitrary<Map<String, String>> labels =
        Arbitraries.maps(words.filter(w -> !w.isEmpty()), words).ofMaxSize(3);
    Arbitrary<Map<Integer, MtlsMode>> ports =
        Arbitraries.maps(Arbitraries.integers().between(1, 65_535), modes).ofMaxSize(3);
    return Combinators.combine(labels, modes, ports).as(PeerAuthentication.Spec::new);
  }

  @Provide
  Arbitrary<String> soups() {
    return Arbitraries.of(
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
            "apiVersion: v1\n",
            "kind: Pod\n",
            "kind: List\n",
            "metadata: {name: a}\n",
            "items:\n",
            "{\"kind\": \"List\", \"items\": [",
            "\uFEFF",
            "{apiVersion: v1, kind: Pod, metadata: {name: a}}")
        .list()
        .ofMaxSize(60)
        .map(parts -> String.join("", parts));
  }

  /** Objects of known kinds whose fields have any type. */
  @Provide
  Arbitrary<ObjectNode> misshapen() {
    Arbitrary<String> kinds =
        Arbitraries.of(
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
    Arbitrary<String> fields =
        Arbitraries.of(
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
    return Combinators.combine(kinds, trees(fields))
        .as(
            (kind, body) -> {
              ObjectNode object = NODES.objectNode();
              object.put("apiVersion", kind.split(" ")[0]).put("kind", kind.split(" ")[1]);
              object.putObject("metadata").put("name", "istio").put("namespace", "foo");
              for (String part : List.of("spec", "status", "data", "endpoints", "ports")) {
                object.set(part, body.isObject() ? body.path(part) : body);
              }
              return object;
            });
  }

  private static Arbitrary<JsonNode> values() {
    return trees(Arbitraries.strings().ofMaxLength(30));
  }

  private static Arbitrary<JsonNode> trees(Arbitrary<String> keys) {
    Arbitrary<JsonNode> scalars =
        Arbitraries.oneOf(
            Arbitraries.strings().ofMaxLength(30).map(ManifestPropertiesTest::text),
            Arbitraries.of("no", "~", "", "1", "1e3", "<<", "2026-01-01", "a\n b\n", " x ", "'")
                .map(ManifestPropertiesTest::text),
            Arbitraries.longs().map(ManifestPropertiesTest::integer),
            Arbitraries.doubles().map(NODES::numberNode),
            Arbitraries.of(true, false).map(NODES::booleanNode),
            Arbitraries.just(NODES.nullNode()));
    Arbitrary<JsonNode> level = scalars;
    for (int depth = 0; depth < 3; depth++) {
      Arbitrary<JsonNode> inner = level;
      Arbitrary<JsonNode> lists =
          inner
              .list()
              .ofMaxSize(3)
              .map(
                  elements -> {
                    ArrayNode array = NODES.arrayNode();
                    elements.forEach(array::add);
                    return array;
                  });
      Arbitrary<JsonNode> maps =
          Arbitraries.maps(keys.map(ManifestPropertiesTest::whole), inner)
              .ofMaxSize(4)
              .map(entries -> NODES.objectNode().setAll(entries));
      level = Arbitraries.oneOf(scalars, lists, maps);
    }
    return level;
  }

  private static JsonNode text(String text) {
    return NODES.textNode(whole(text));
  }

  /** As every other reader of JSON: an integer that fits an int is one. */
  private static JsonNode integer(long value) {
    return value == (int) value ? NODES.numberNode((int) value) : NODES.numberNode(value);
  }

  /** Without halves of characters: no UTF-8 carries them. */
  private static String whole(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }
}
