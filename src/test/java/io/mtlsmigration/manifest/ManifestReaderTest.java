// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.ObjectRef;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ManifestReaderTest {

  private static final String A_NAMESPACE =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: foo}
      """;

  private static final String JSON_A =
      "{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"a\"}}\n";

  private static final String B_FLOW = "{apiVersion: v1, kind: Namespace, metadata: {name: b}}\n";
  private static final String B_BLOCK = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: b\n";

  @Test
  void readsDocumentsInOrderAndSkipsEmptyOnes() {
    String text =
        """
        # a comment is no document
        ---
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: b, namespace: ns}
        ---
        # nor is this
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: a}
        ...
        """;

    Manifests manifests = ManifestReader.read(text, "x.yaml");

    assertEquals(
        List.of(new ObjectRef("Service", "ns", "b"), new ObjectRef("Pod", "default", "a")),
        refs(manifests));
    Manifest second = manifests.objects().get(1);
    assertEquals("x.yaml", second.source());
    assertEquals(10, second.line());
    assertEquals("v1", second.apiVersion());
  }

  @Test
  void unrollsAListAndGivesItemsTheirPlace() {
    String text =
        """
        apiVersion: v1
        items:
        - apiVersion: v1
          kind: Namespace
          metadata: {name: foo}
        - apiVersion: v1
          kind: List
          items:
          - apiVersion: v1
            kind: Namespace
            metadata: {name: bar}
        kind: List
        metadata: {resourceVersion: ""}
        """;

    Manifests manifests = ManifestReader.read(text, "x.yaml");

    assertEquals(
        List.of("/items/0", "/items/1/items/0"),
        manifests.objects().stream().map(Manifest::pointer).toList());
    assertEquals(3, manifests.objects().get(0).line());
  }

  @Test
  void givesItemsOfATypedListTheirType() {
    String text =
        """
        {"items": [{"metadata": {"name": "default", "namespace": "foo"}, "spec": {}}],
         "kind": "PeerAuthenticationList", "apiVersion": "security.istio.io/v1"}
        """;

    Manifests manifests = ManifestReader.read(text, "x.json");

    assertEquals(List.of(ObjectRef.peerAuthentication("foo", "default")), refs(manifests));
    assertEquals("security.istio.io/v1", manifests.objects().get(0).apiVersion());
  }

  @Test
  void takesAKindThatIsOnlyCalledAListForAnObject() {
    Manifests manifests =
        ManifestReader.read(
            "{apiVersion: example.com/v1, kind: AllowList, metadata: {name: a}, spec: {}}", "x");

    assertEquals(List.of(new ObjectRef("AllowList", "", "a")), refs(manifests));
  }

  @Test
  void boundsEachObjectAndNotTheList() throws IOException {
    String item = "- {apiVersion: v1, kind: Namespace, metadata: {name: a, uid: 123456789}}\n";
    ReadLimits limits = new ReadLimits(10_000, 100, 10, 10, 100, 20, 0, 10);

    Manifests manifests =
        ManifestReader.read(
            stream("apiVersion: v1\nkind: List\nitems:\n" + item.repeat(20)), "x", limits);

    assertEquals(20, manifests.objects().size());
  }

  @Test
  void readsJsonTextsOneAfterAnother() {
    String text =
        """
        \uFEFF {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}
        {"apiVersion": "v1", "kind": "Namespace",
         "metadata": {"name": "b", "annotations": {"x": "\\ud83d\\ude00\\/"}}}
        """;

    Manifests manifests = ManifestReader.read(text, "x.json");

    assertEquals(
        List.of(new ObjectRef("Namespace", "", "a"), new ObjectRef("Namespace", "", "b")),
        refs(manifests));
    Manifest second = manifests.objects().get(1);
    assertEquals(2, second.document());
    assertEquals("\uD83D\uDE00/", second.tree().at("/metadata/annotations/x").asText());
  }

  @Test
  void readsJsonTextsThatMarkersPart() {
    String first =
        "{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"a\"}";
    String second =
        """
        }
        ---
        ---
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "b", "generation":
        -3}}
        """;

    // Wherever the marker falls in the reader's buffers.
    for (int i = 0; i < 8_300; i++) {
      Manifests manifests = ManifestReader.read(first + " ".repeat(i) + second, "x.json");

      assertEquals(
          List.of(new ObjectRef("Namespace", "", "a"), new ObjectRef("Namespace", "", "b")),
          refs(manifests),
          "after " + i);
      assertEquals(
          -3, manifests.objects().get(1).tree().at("/metadata/generation").asInt(), "after " + i);
    }
  }

  @Test
  void takesNoNumberForAMarker() {
    Manifests manifests =
        ManifestReader.read(
            "{\"apiVersion\": \"v1\", \"kind\": \"A\", \"metadata\": {\"name\": \"a\"}, \"spec\":\n---5}",
            "x.yaml");

    assertEquals("---5", manifests.objects().get(0).tree().path("spec").asText());
  }

  static Stream<Arguments> yamlThatBeginsLikeJson() {
    return Stream.of(
        argumentSet(
            "a plain value",
            "{\"apiVersion\": v1, \"kind\": Namespace, \"metadata\": {\"name\": a}}\n---\n"
                + B_FLOW),
        argumentSet("then block style", JSON_A + "---\n" + B_BLOCK),
        argumentSet("then bare keys", JSON_A + "--- " + B_FLOW),
        argumentSet("a comment, then bare keys", "# two\n" + JSON_A + "---\n" + B_FLOW),
        argumentSet("a comment behind a document", JSON_A + "# the second\n---\n" + B_BLOCK),
        argumentSet(
            "a comment in a document", JSON_A.replace("\"kind", "# c\n\"kind") + "---\n" + B_BLOCK),
        argumentSet("a comma at the end", JSON_A.replace("\"a\"}", "\"a\",}") + "---\n" + B_BLOCK),
        argumentSet("an end and a directive", JSON_A + "...\n%YAML 1.2\n---\n" + B_BLOCK),
        argumentSet("a marker first", "---\n" + JSON_A + "---\r\n" + B_BLOCK),
        argumentSet("an empty one between", JSON_A + "---\n---\n# c\n---\n" + B_FLOW));
  }

  @ParameterizedTest
  @MethodSource("yamlThatBeginsLikeJson")
  void readsYamlThatBeginsLikeJson(String text) {
    Manifests manifests = ManifestReader.read(text, "x.yaml");

    assertEquals(
        List.of(new ObjectRef("Namespace", "", "a"), new ObjectRef("Namespace", "", "b")),
        refs(manifests));
  }

  @Test
  void keepsTheCountOfDocumentsAndLinesFromJsonToYaml() {
    Manifests manifests = ManifestReader.read(JSON_A + "---\n" + JSON_A + "\n---\n" + B_BLOCK, "x");

    Manifest last = manifests.objects().get(2);
    assertEquals(3, last.document());
    assertEquals(6, last.line());
  }

  @Test
  void readsFurtherJsonAfterYamlAsYaml() {
    Manifests manifests = ManifestReader.read(JSON_A + "---\n" + B_BLOCK + "---\n" + JSON_A, "x");

    assertEquals(3, manifests.objects().size());
  }

  /** A dump of a cluster may begin with a document that is larger than what is held at once. */
  @Test
  void readsALargeJsonListAndThenYaml() {
    String item = JSON_A.strip();
    String text =
        "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": ["
            + (item + ",\n").repeat(20_000)
            + item
            + "]}\n---\n"
            + B_BLOCK;

    Manifests manifests = ManifestReader.read(text, "x");

    assertEquals(20_002, manifests.objects().size());
    assertEquals(20_003, manifests.objects().get(20_001).line());
  }

  static Stream<Arguments> brokenTexts() {
    return Stream.of(
        argumentSet(
            "JSON cut off", "{\"a\": [1,\n 2", "x:2:3: document 1: malformed JSON: Unexpected"),
        argumentSet(
            "JSON cut off before a marker",
            "{\"a\": 1\n---\n{\"b\": 2}",
            "x:2:1: document 1: malformed JSON: Unexpected end-of-input"),
        argumentSet(
            "two values",
            "{\"a\": \"b\" \"c\"}",
            "x:1:11: document 1: malformed JSON: Unexpected character"),
        argumentSet(
            "YAML that goes further",
            "{\"a\": shop,\n b: [}",
            "x:2:6: document 1: malformed YAML: while parsing a flow node"),
        argumentSet(
            "YAML in a second document",
            JSON_A + "---\n{\"a\": shop,\n b: [}",
            "x:4:6: document 2: malformed YAML: while parsing a flow node"),
        argumentSet(
            "JSON in a second document",
            JSON_A + "---\n{\"a\": [1,\n",
            "x:4:1: document 2: malformed JSON: Unexpected end-of-input"));
  }

  @ParameterizedTest
  @MethodSource("brokenTexts")
  void tellsTheErrorOfTheSyntaxThatGoesFurther(String text, String told) {
    ManifestException e =
        assertThrows(ManifestException.class, () -> ManifestReader.read(text, "x"));

    assertTrue(e.problems().get(0).toString().startsWith(told), e.problems()::toString);
  }

  @Test
  void readsAFlowMappingThatIsNoJson() {
    Manifests manifests =
        ManifestReader.read("{apiVersion: v1, kind: Namespace, metadata: {name: a}}", "x.yaml");

    assertEquals(List.of(new ObjectRef("Namespace", "", "a")), refs(manifests));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "---\n", "# only a comment\n", "null", "kind: List\n"})
  void readsNothingFromNothing(String text) {
    Manifests manifests = ManifestReader.read(text, "x.yaml");

    assertEquals(List.of(), manifests.objects());
  }

  @Test
  void mergesMapsWithoutOverridingWhatIsWritten() {
    String text =
        """
        apiVersion: v1
        kind: Pod
        metadata:
          name: a
          labels: &labels {app: a, tier: front}
        spec:
          nodeSelector: {tier: back, <<: *labels}
          other: {<<: [{x: 1}, {x: 2, y: 2}], z: 3}
        """;

    Manifest pod = ManifestReader.read(text, "x.yaml").objects().get(0);

    assertEquals(
        "{\"tier\":\"back\",\"app\":\"a\"}", pod.tree().at("/spec/nodeSelector").toString());
    assertEquals("{\"z\":3,\"x\":1,\"y\":2}", pod.tree().at("/spec/other").toString());
  }

  @Test
  void copiesWhatAnAliasStandsFor() {
    String text =
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: a, labels: &l {app: a}, annotations: *l}
        """;

    Manifest pod = ManifestReader.read(text, "x.yaml").objects().get(0);

    assertEquals(pod.tree().at("/metadata/labels"), pod.tree().at("/metadata/annotations"));
    assertNotSame(pod.tree().at("/metadata/labels"), pod.tree().at("/metadata/annotations"));
  }

  @Test
  void takesNumbersAsKeysInDecimal() {
    String text = A_NAMESPACE + "data: {8080: a, 0x10: b, yes: c, 1.50: d}";

    Manifest object = ManifestReader.read(text, "x.yaml").objects().get(0);

    assertEquals(
        "{\"8080\":\"a\",\"16\":\"b\",\"yes\":\"c\",\"1.50\":\"d\"}",
        object.tree().at("/data").toString());
  }

  @Test
  void namesLocalFilesOfToolsWithoutAName() {
    String text =
        """
        apiVersion: sandbox.mtls-migration.io/v1
        kind: Traffic
        spec: {calls: []}
        """;

    Manifests manifests = ManifestReader.read(text, "traffic.yaml");

    assertEquals(List.of(new ObjectRef("Traffic", "", "")), refs(manifests));
  }

  @Test
  void handsOverItemsBeforeTheListEnds() throws IOException {
    String beginning = "apiVersion: v1\nkind: List\nitems:\n- " + A_NAMESPACE.indent(2).strip();
    List<Manifest> seen = new ArrayList<>();

    assertThrows(
        ManifestException.class,
        () ->
            ManifestReader.forEach(
                stream(beginning + "\n- ]"), "x", ReadLimits.DEFAULT, seen::add));

    assertEquals(1, seen.size());
  }

  @Test
  void leavesAFailingStreamToTheCaller() throws IOException {
    InputStream broken = InputStream.nullInputStream();
    broken.close(); // reads of it fail from now on

    IOException e =
        assertThrows(
            IOException.class, () -> ManifestReader.read(broken, "x.yaml", ReadLimits.DEFAULT));

    assertEquals("Stream closed", e.getMessage());
  }

  @Test
  void collectsProblemsOfSeveralDocuments() {
    String text =
        """
        kind: Pod
        metadata: {name: [a]}
        ---
        - not an object
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: b, labels: {version: 1, on: true}}
        ---
        apiVersion: v1
        kind: List
        items: {a: b}
        """;

    List<ManifestProblem> problems = Given.problems(text);

    assertEquals(
        List.of(
            "/apiVersion: is required",
            "/metadata/name: must be a string, but is a list",
            ": is no Kubernetes object: it is a list",
            "/metadata/labels/version: must be a string, but is a number: put it in quotes",
            "/metadata/labels/on: must be a string, but is a boolean: put it in quotes",
            "/items: must be a list, but is an object"),
        Given.said(problems));
    assertEquals(
        List.of(1, 1, 2, 3, 3, 4), problems.stream().map(ManifestProblem::document).toList());
    assertEquals(6, problems.get(3).line());
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          '{apiVersion: v1, kind: Pod, metadata: {name: ""}}',      /metadata/name: is required
          '{apiVersion: v1, kind: Pod}',                            /metadata/name: is required
          '{apiVersion: v1, kind: Pod, metadata: x}',               '/metadata: must be an object, but is a string'
          '{apiVersion: v1, kind: 1, metadata: {name: a}}',         '/kind: must be a string, but is a number: put it in quotes'
          '{apiVersion: v1, kind: Pod, metadata: {name: a}, items: [1]}', '/items/0: must be a Kubernetes object, but is a number'
          '[{apiVersion: v1, kind: Pod, metadata: {name: a}}]',     ': must be a Kubernetes object, but is a list'
          '{kind: Pod, metadata: {name: a}}',                       /apiVersion: is required
          '{apiVersion: v1, metadata: {name: a}}',                  /kind: is required
          """)
  void demandsWhatEveryObjectHas(String text, String expected) {
    List<ManifestProblem> problems = Given.problems(text);

    assertEquals(expected, Given.said(problems).get(0));
    assertFalse(problems.get(0).ofNoObject());
  }

  /** Of a chart, of a kustomization, of tools: what no API server would take. */
  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          'replicas: 2',                                   it has neither apiVersion nor kind
          '{apiVersion: v2, name: cart, version: 1.0.0}',  it has neither kind nor metadata
          '{kind: UDSBundle, metadata: {name: core}}',     it has no apiVersion
          '[{op: remove, path: /spec/replicas}]',          it is a list
          'just a text',                                   it is a string
          """)
  void tellsWhatNobodyMeansToApply(String text, String expected) {
    List<ManifestProblem> problems = Given.problems(text);

    assertEquals(List.of(": is no Kubernetes object: " + expected), Given.said(problems));
    assertTrue(problems.get(0).ofNoObject());
  }

  /** IstioOperator is istioctl's, and Argo CD's hooks are Jobs whose names end when they run. */
  @Test
  void takesWhatNeedsNoName() {
    Manifests read =
        ManifestReader.read(
            """
            {apiVersion: install.istio.io/v1alpha1, kind: IstioOperator, spec: {profile: demo}}
            ---
            {apiVersion: batch/v1, kind: Job, metadata: {generateName: migrate-}}
            ---
            {apiVersion: batch/v1, kind: Job, metadata: {generateName: migrate-}}
            """,
            "deploy.yaml");

    assertEquals(
        List.of("", "migrate-2", "migrate-3"),
        read.objects().stream().map(manifest -> manifest.ref().name()).toList());
  }

  @Test
  void refusesItemsWithoutAKindOfWhatIsNoList() {
    List<ManifestProblem> problems = Given.problems("{kind: Pod, items: [{metadata: {name: a}}]}");

    assertEquals(
        List.of(
            "/items: only a List has items at its top, and the kind is no List",
            "/items/0/apiVersion: is required",
            "/items/0/kind: is required"),
        Given.said(problems));
  }

  @Test
  void refusesItemsOfWhatIsNoList() {
    List<ManifestProblem> problems =
        Given.problems(
            "{kind: Pod, items: [{apiVersion: v1, kind: Namespace, metadata: {name: a}}]}");

    assertEquals(
        List.of("/items: only a List has items at its top, and the kind is no List"),
        Given.said(problems));
  }

  private static List<ObjectRef> refs(Manifests manifests) {
    return manifests.objects().stream().map(Manifest::ref).toList();
  }

  private static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }
}
