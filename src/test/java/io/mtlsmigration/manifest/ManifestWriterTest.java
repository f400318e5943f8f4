// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ManifestWriterTest {

  @Test
  void writesAPolicyAsAPersonWould() {
    PeerAuthentication.Spec spec =
        new PeerAuthentication.Spec(
            Map.of("version", "1", "app", "httpbin"),
            MtlsMode.STRICT,
            Map.of(10_000, MtlsMode.PERMISSIVE, 9090, MtlsMode.UNSET));

    String yaml =
        Stream.of(
                ManifestWriter.peerAuthentication(
                    ObjectRef.peerAuthentication("foo", "httpbin"), spec),
                ManifestWriter.peerAuthentication(
                    ObjectRef.peerAuthentication("bar", "default"),
                    PeerAuthentication.Spec.of(MtlsMode.UNSET)))
            .map(object -> "---\n" + ManifestWriter.yaml(object))
            .collect(Collectors.joining());

    assertEquals(
        """
        ---
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata:
          name: httpbin
          namespace: foo
        spec:
          mtls:
            mode: STRICT
          portLevelMtls:
            "9090":
              mode: UNSET
            "10000":
              mode: PERMISSIVE
          selector:
            matchLabels:
              app: httpbin
              version: "1"
        ---
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata:
          name: default
          namespace: bar
        spec: {}
        """,
        yaml);
  }

  @Test
  void writesListsAsKubectlDoes() {
    JsonNode object =
        ManifestReader.read(
                """
                {"kind": "Pod", "spec": {"b": [[1, []], {"z": {}, "l": [null]}], "a": -1.5},
                 "metadata": {"namespace": "foo", "labels": {"x": "yes"}, "name": "p"},
                 "apiVersion": "v1"}
                """,
                "test")
            .objects()
            .get(0)
            .tree();

    String yaml = ManifestWriter.yaml(object);

    assertEquals(
        """
        apiVersion: v1
        kind: Pod
        metadata:
          name: p
          namespace: foo
          labels:
            x: "yes"
        spec:
          a: -1.5
          b:
          - - 1
            - []
          - l:
            - null
            z: {}
        """,
        yaml);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          httpbin              | httpbin
          spiffe:x             | spiffe:x
          a: b                 | "a: b"
          a #b                 | "a #b"
          key:                 | "key:"
          no                   | "no"
          null                 | "null"
          0x10                 | "0x10"
          2026-11-25           | "2026-11-25"
          *x                   | "*x"
          <<                   | "<<"
          say "x\\"            | "say \\"x\\\\\\""
          Größe                | "Größe"
          ``                   | ""
          """)
  void quotesWhatIsNotPlainlyText(String value, String written) {
    String yaml = ManifestWriter.yaml(JsonNodeFactory.instance.textNode(value));

    assertEquals(written + "\n", yaml);
  }

  @Test
  void escapesWhatCannotBePrinted() {
    String yaml =
        ManifestWriter.yaml(
            JsonNodeFactory.instance.textNode("\u0000\u0085\u2028\uD83D\uDE00\uD800 \n\t"));

    assertEquals("\"\\u0000\\u0085\\u2028\\U0001F600\uFFFD \\n\\t\"\n", yaml);
  }
}
