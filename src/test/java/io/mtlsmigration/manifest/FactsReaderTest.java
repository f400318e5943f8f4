// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.mtlsmigration.mesh.AccessLogFormats;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.DestinationRule.ClientTlsMode;
import io.mtlsmigration.mesh.DestinationRule.PortPolicy;
import io.mtlsmigration.mesh.DestinationRule.TrafficPolicy;
import io.mtlsmigration.mesh.EndpointSlice;
import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mesh.SidecarScope;
import io.mtlsmigration.mesh.Unreadable;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FactsReaderTest {

  @Test
  void readsANamespace() {
    String manifests =
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: foo, uid: u, labels: {team: a}, annotations: {note: z}}
        status: {phase: Terminating}
        """;

    NamespaceFacts namespace = Given.namespace(Given.dump(manifests), "foo");

    assertEquals("u", namespace.uid());
    assertEquals(Map.of("team", "a", "kubernetes.io/metadata.name", "foo"), namespace.labels());
    assertEquals(Map.of("note", "z"), namespace.annotations());
    assertTrue(namespace.terminating());
  }

  @Test
  void createsNamespacesThatAreOnlyMentioned() {
    Facts facts =
        Given.dump("{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, namespace: ns}}");

    assertEquals(NamespaceFacts.empty("ns"), facts.snapshot().namespace("ns"));
    assertEquals(Given.NOON, facts.snapshot().observedAt());
  }

  @Test
  void countsKindsThatSayNothing() {
    String manifests =
        """
        {apiVersion: v1, kind: Secret, metadata: {name: a, namespace: x}}
        ---
        {apiVersion: v1, kind: Secret, metadata: {name: b, namespace: x}}
        ---
        {apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: x}, data: {a: b}}
        ---
        {apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: c, namespace: x}}
        """;

    Facts facts = Given.dump(manifests);

    assertEquals(
        Map.of("Secret", 2, "ConfigMap", 1, "Service.serving.knative.dev", 1),
        facts.ignoredKinds());
    assertNull(facts.snapshot().namespace("x"));
  }

  @Test
  void readsAService() {
    String manifests =
        """
        apiVersion: v1
        kind: Service
        metadata:
          name: httpbin
          namespace: foo
          labels: {app: httpbin}
          annotations:
            networking.istio.io/exportTo: "., bar"
            kubectl.kubernetes.io/last-applied-configuration: "{}"
        spec:
          type: NodePort
          clusterIP: None
          externalIPs: [192.0.2.7]
          selector: {app: httpbin}
          ports:
          - {name: http, port: 8000, targetPort: 8080, nodePort: 30080}
          - {port: 9000, targetPort: grpc, appProtocol: grpc}
          - {port: 53, protocol: UDP}
          - {port: 54, targetPort: 0}
        """;

    Service service = Given.namespace(Given.dump(manifests), "foo").services().get(0);

    assertEquals(
        new Service(
            new ObjectRef("Service", "foo", "httpbin"),
            Map.of("app", "httpbin"),
            Map.of("networking.istio.io/exportTo", "., bar"),
            Map.of("app", "httpbin"),
            Service.Type.NODE_PORT,
            true,
            List.of(
                new ServicePort("http", 8000, "TCP", "", "8080", 30080),
                new ServicePort("", 9000, "TCP", "grpc", "grpc", 0),
                new ServicePort("", 53, "UDP", "", "53", 0),
                new ServicePort("", 54, "TCP", "", "54", 0)),
            Set.of(".", "bar"),
            List.of(),
            List.of("192.0.2.7"),
            Given.NOON),
        service);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "clusterIPs: [10.96.0.9, 'fd00::9'], clusterIP: 10.96.0.9 | 10.96.0.9,fd00::9",
        "clusterIP: 10.96.0.9 | 10.96.0.9",
        "clusterIPs: [None], clusterIP: None | ''",
        "type: ExternalName | ''",
      })
  void readsTheAddressesOfAService(String spec, String addresses) {
    String manifest =
        "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: foo}, spec: {"
            + spec
            + ", ports: [{port: 80}]}}";

    Service service = Given.namespace(Given.dump(manifest), "foo").services().get(0);

    assertEquals(addresses, String.join(",", service.clusterIps()));
  }

  @Test
  void readsEndpoints() {
    String manifests =
        """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: h-1, namespace: foo, labels: {kubernetes.io/service-name: httpbin}}
        endpoints:
        - {addresses: [10.0.0.1], targetRef: {kind: Pod, name: p1}, conditions: {ready: true}}
        - {addresses: [10.0.0.2], targetRef: {kind: Node, name: n}, conditions: {ready: false}}
        - {addresses: [10.0.0.3]}
        ports: [{name: http, port: 8080}, {name: all}]
        """;

    NamespaceFacts namespace = Given.namespace(Given.dump(manifests), "foo");

    assertEquals(
        List.of(
            new EndpointSlice(
                new ObjectRef("EndpointSlice", "foo", "h-1"),
                "httpbin",
                List.of(
                    new EndpointSlice.Endpoint(List.of("10.0.0.1"), "p1", true),
                    new EndpointSlice.Endpoint(List.of("10.0.0.2"), "", false),
                    new EndpointSlice.Endpoint(List.of("10.0.0.3"), "", true)),
                List.of(new EndpointSlice.Port("http", 8080, "TCP")))),
        namespace.endpointSlices());
  }

  @Test
  void readsADestinationRule() {
    String manifests =
        """
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: d, namespace: foo}
        spec:
          host: "*.foo.svc.cluster.local"
          exportTo: [".", bar]
          workloadSelector: {matchLabels: {app: client}}
          trafficPolicy:
            tls: {mode: ISTIO_MUTUAL, sni: x}
            portLevelSettings:
            - {port: {number: 80}, tls: {mode: DISABLE}}
            - {port: {number: 81}, loadBalancer: {simple: PASSTHROUGH}}
            - {port: {number: 80}, tls: {mode: SIMPLE}}
          subsets:
          - {name: v1, labels: {version: v1}}
          - {name: v2, labels: {version: v2}, trafficPolicy: {tls: {}}}
        """;

    DestinationRule rule = Given.namespace(Given.dump(manifests), "foo").destinationRules().get(0);

    assertEquals("*.foo.svc.cluster.local", rule.host());
    assertEquals(Set.of(".", "bar"), rule.exportTo());
    assertEquals(Map.of("app", "client"), rule.workloadSelector());
    assertEquals(
        new TrafficPolicy(
            ClientTlsMode.ISTIO_MUTUAL,
            false,
            Map.of(
                80, new PortPolicy(ClientTlsMode.DISABLE, false), 81, new PortPolicy(null, true))),
        rule.trafficPolicy());
    assertNull(rule.subsets().get(0).trafficPolicy());
    assertEquals(
        new TrafficPolicy(ClientTlsMode.DISABLE, false, Map.of()),
        rule.subsets().get(1).trafficPolicy());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {} | /spec/host: DestinationRule foo/d: is required
          {host: a, trafficPolicy: {tls: {mode: MTLS}}} | /spec/trafficPolicy/tls/mode: DestinationRule foo/d: 'MTLS' is none of [DISABLE, SIMPLE, MUTUAL, ISTIO_MUTUAL]
          {host: a, trafficPolicy: {portLevelSettings: [{tls: {}}]}} | /spec/trafficPolicy/portLevelSettings/0/port/number: DestinationRule foo/d: is required
          {host: a, subsets: [{labels: {a: b}}]} | /spec/subsets/0/name: DestinationRule foo/d: is required
          """)
  void refusesADestinationRuleThatItCannotJudge(String spec, String problem) {
    Facts facts =
        Given.dump(
            "{apiVersion: networking.istio.io/v1, kind: DestinationRule, "
                + "metadata: {name: d, namespace: foo}, spec: "
                + spec
                + "}");

    assertEquals(List.of(problem), Given.said(facts.problems()));
    assertEquals(1, Given.namespace(facts, "foo").unreadable().size());
  }

  /** Which rule a client applies, or which Sidecar a pod has, is not the same in each revision. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"DestinationRule | {host: httpbin}", "Sidecar | {egress: [{hosts: [./*]}]}"})
  void keepsWhatOnlyOneRevisionHeedsAsUnreadable(String kind, String spec) {
    String manifest =
        "{apiVersion: networking.istio.io/v1, kind: %s, metadata: {name: d, namespace: foo,"
                .formatted(kind)
            + " labels: {istio.io/rev: canary}}, spec: "
            + spec
            + "}";
    NamespaceFacts foo = Given.namespace(Given.dump(manifest), "foo");

    assertEquals(
        List.of("/metadata/labels/istio.io~1rev"),
        foo.unreadable().stream().map(Unreadable::field).toList());
    assertEquals(List.of(), foo.destinationRules());
    assertEquals(List.of(), foo.sidecars());
  }

  @Test
  void readsASidecar() {
    String manifests =
        """
        apiVersion: networking.istio.io/v1
        kind: Sidecar
        metadata: {name: s, namespace: foo}
        spec:
          workloadSelector: {labels: {app: a}}
          egress: [{hosts: ["./*"]}, {port: {number: 1}, hosts: [bar/x, "istio-system/*"]}]
          ingress: [{port: {number: 80}}, {port: {number: 443}, tls: {mode: SIMPLE}}]
          outboundTrafficPolicy: {mode: REGISTRY_ONLY}
        """;

    SidecarScope sidecar = Given.namespace(Given.dump(manifests), "foo").sidecars().get(0);

    assertEquals(Map.of("app", "a"), sidecar.workloadSelector());
    assertEquals(List.of("./*", "bar/x", "istio-system/*"), sidecar.egressHosts());
    assertTrue(sidecar.ingress());
    assertEquals(List.of(443), sidecar.ingressTlsPorts());
    assertTrue(sidecar.registryOnly());
  }

  @ParameterizedTest
  @CsvSource({
    "{}, true",
    "'defaultConfig: {proxyHeaders: {envoyDebugHeaders: {disabled: false}}}', true",
    "'defaultConfig: {proxyHeaders: {envoyDebugHeaders: {disabled: true}}}', false"
  })
  void readsWhetherSidecarsAddEnvoysHeaders(String mesh, boolean added) {
    Facts facts =
        Given.dump(
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: istio, namespace: istio-system}
            data: {mesh: "%s"}
            """
                .formatted(mesh));

    assertEquals(added, facts.snapshot().settings().debugHeaders());
  }

  @Test
  void readsTheMeshConfigurationOfTheDefaultRevisionFirst() {
    String manifests =
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: istio-canary, namespace: mesh}
        data: {mesh: "rootNamespace: other"}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: istio, namespace: mesh}
        data:
          mesh: |-
            rootNamespace: mesh
            trustDomain: example.org
            enableAutoMtls: false
            accessLogFile: /dev/stdout
            outboundTrafficPolicy: {mode: REGISTRY_ONLY}
            trustDomainAliases: [old.example.org]
            discoverySelectors:
            - matchLabels: {team: a}
            - matchExpressions: [{key: mesh, operator: NotIn, values: ["no"]}]
            items: [kept]
        """;

    Facts facts = Given.dump(manifests);

    assertEquals(
        new MeshSettings(
            "mesh",
            "example.org",
            false,
            false,
            List.of("old.example.org"),
            List.of(
                LabelSelector.ofLabels(Map.of("team", "a")),
                new LabelSelector(
                    Map.of(),
                    List.of(
                        new LabelSelector.Requirement(
                            "mesh", LabelSelector.Operator.NOT_IN, List.of("no")))))),
        facts.snapshot().settings());
    assertEquals("mesh", facts.snapshot().root().name());
  }

  @Test
  void readsToWhomObjectsAreExportedByDefault() {
    Facts facts =
        Given.dump(
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: m}, data: {mesh:"
                + " '{defaultServiceExportTo: [., foo], defaultDestinationRuleExportTo: [.]}'}}");

    assertEquals(
        new MeshSettings.Exports(Set.of(".", "foo"), Set.of(".")),
        facts.snapshot().settings().exports());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "a: [" | malformed YAML: while parsing a flow node, expected the node content, but found '<stream end>'
          "trustDomain: 1" | /trustDomain must be a string, but is a number: put it in quotes
          "[]" | must be an object, but is a list
          """)
  void doesNotTakeABrokenMeshConfigurationForTheDefault(String mesh, String reason) {
    Facts facts =
        Given.dump(
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: m}, data: {mesh: "
                + mesh
                + "}}");

    List<String> said = Given.said(facts.problems());
    assertEquals(1, said.size());
    assertTrue(said.get(0).endsWith(reason), said::toString);
    assertEquals("/data/mesh", Given.namespace(facts, "m").unreadable().get(0).field());
  }

  private static String meshConfig(String namespace) {
    return """
        ---
        {apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: %s},
         data: {mesh: '{rootNamespace: %s}'}}
        """
        .formatted(namespace, namespace);
  }

  /** Whoever may write into a namespace may call a ConfigMap of it istio. */
  @Test
  void aTenantsConfigMapIsNotTheMeshs() {
    Facts facts = Given.dump(meshConfig("a") + meshConfig("istio-system"));

    assertEquals("istio-system", facts.snapshot().root().name());
    assertEquals(List.of(), facts.snapshot().root().unreadable());
  }

  @Test
  void ofSeveralMeshConfigurationsNoneIsKnownToCount() {
    MeshSnapshot snapshot = Given.dump(meshConfig("b") + meshConfig("a")).snapshot();

    assertEquals(
        "Mesh configurations are in the namespaces a, b, and none is in istio-system: leave out"
            + " those of namespaces in which no istiod runs.",
        snapshot.root().unreadable().getFirst().reason());
  }

  private static AccessLogFormats accessLogs(String mesh) {
    return Given.dump(
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: m}, data: {mesh:"
                + " '"
                + mesh.replace("'", "''")
                + "'}}")
        .snapshot()
        .settings()
        .accessLogs();
  }

  @Test
  void readsHowSidecarsLog() {
    assertEquals(AccessLogFormats.ISTIO, accessLogs("{accessLogFile: /dev/stdout}"));
    assertEquals(
        new AccessLogFormats(List.of("[%START_TIME%] x"), Map.of()),
        accessLogs("{accessLogFile: /dev/stdout, accessLogFormat: \"[%START_TIME%] x\\n\"}"));
    assertEquals(
        new AccessLogFormats(List.of(), Map.of("code", "%RESPONSE_CODE%")),
        accessLogs(
            "{accessLogFile: /dev/stdout, accessLogEncoding: JSON, accessLogFormat: \"{\\\"code\\\":"
                + " \\\"%RESPONSE_CODE%\\\"}\"}"));
    assertEquals(
        AccessLogFormats.ISTIO,
        accessLogs(
            "{accessLogFile: /dev/stdout, accessLogEncoding: JSON, accessLogFormat: \"[\"}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | false",
        "{accessLogFile: ''} | false",
        "{accessLogFile: /dev/stdout} | true",
        "{accessLogFile: /var/log/envoy.log} | false",
        "{defaultProviders: {accessLogging: [envoy]}} | true",
        "{accessLogFile: /dev/stdout, defaultProviders: {accessLogging: [otel]}} | false",
        "{defaultProviders: {accessLogging: [a]}, extensionProviders: [{name: a, envoyFileAccessLog: {}}]} | true"
      })
  void readsWhetherSidecarsLogOfWhichNoTelemetrySpeaks(String mesh, boolean logs) {
    assertEquals(logs, accessLogs(mesh).byDefault());
  }

  @Test
  void readsTheFormatsOfProvidersThatWriteToStandardOutput() {
    assertEquals(
        new AccessLogFormats(
            List.of("", "%PROTOCOL%"),
            Map.of("code", "%RESPONSE_CODE%", "b", "%PROTOCOL%"),
            Set.of("a", "b", "c"),
            false),
        accessLogs(
            """
            {extensionProviders: [
              {name: a, envoyFileAccessLog: {path: /dev/stdout, logFormat: {text: "%PROTOCOL%"}}},
              {name: b, envoyFileAccessLog: {path: /dev/stdout,
                logFormat: {labels: {code: "%RESPONSE_CODE%", a: "%REQ(A)%"}}}},
              {name: c, envoyFileAccessLog: {logFormat: {labels: {a: "%PROTOCOL%", b: "%PROTOCOL%"}}}},
              {name: d, envoyFileAccessLog: {path: /tmp/log, logFormat: {text: "other"}}},
              {name: e, envoyOtelAls: {service: x, port: 1}}]}
            """));
  }

  @Test
  void takesTheDefaultsWithoutAMeshConfiguration() {
    Facts facts = Given.dump("");

    assertEquals(MeshSettings.DEFAULT, facts.snapshot().settings());
  }

  @Test
  void joinsDumpsThatOverlap() {
    String service = "{apiVersion: v1, kind: Service, metadata: {name: a, namespace: foo}}\n";

    Facts facts = Given.dump(service + "---\n" + service);

    assertEquals(List.of(), facts.problems());
    assertEquals(1, Given.namespace(facts, "foo").services().size());
  }

  @Test
  void saysWhenAnObjectIsGivenTwiceAndDifferently() {
    String first = "{apiVersion: v1, kind: Service, metadata: {name: a, namespace: foo}}\n---\n";
    String second = first.replace("}}", "}, spec: {type: NodePort}}");

    Facts facts = Given.dump(first + second);

    assertEquals(
        List.of(
            ": Service foo/a: is given twice, and differently: also at test.yaml:1. This one counts"
                + " here; overlays are to be rendered first"),
        Given.said(facts.problems()));
    assertEquals(2, facts.problems().get(0).document());
    assertEquals(Service.Type.NODE_PORT, Given.namespace(facts, "foo").services().get(0).type());
  }

  @Test
  void readsSingleObjectsAsTheyComeFromTheApi() {
    JsonNode pod =
        tree(
            """
            apiVersion: v1
            kind: Pod
            metadata:
              name: p
              namespace: foo
              annotations: {ambient.istio.io/redirection: enabled}
              ownerReferences: [{kind: Job, name: j, controller: true}]
            """);
    ObjectReader reader = new ObjectReader(Given.NOON);
    ObjectRef job = new ObjectRef("Job", "foo", "j");
    WorkloadOwners owners = WorkloadOwners.of(Map.of(job, new ObjectRef("CronJob", "foo", "c")));

    var read = reader.pod(pod, Map.of("istio.io/dataplane-mode", "ambient"), owners).orThrow();

    assertEquals(DataPlane.AMBIENT, read.dataPlane());
    assertEquals("CronJob foo/c", read.workload().toString());
  }

  @Test
  void tellsWhyASingleObjectCannotBeRead() {
    JsonNode policy =
        tree(
            """
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: {name: default, namespace: foo}
            spec: {mtls: {mode: X}, portLevelMtls: {a: {}}}
            """);

    var reading = new ObjectReader(Given.NOON).peerAuthentication(policy);

    var reasons = assertInstanceOf(ObjectReading.NotUnderstood.class, reading).reasons();
    assertEquals(2, reasons.size());
  }

  @Test
  void readsEveryKindBySingleObjects() {
    ObjectReader reader = new ObjectReader(Given.NOON);

    assertEquals("a", reader.service(tree("v1", "Service", "")).orThrow().name());
    assertEquals("a", reader.namespace(tree("v1", "Namespace", "")).orThrow().name());
    assertEquals(
        "a",
        reader
            .endpointSlice(tree("discovery.k8s.io/v1", "EndpointSlice", ""))
            .orThrow()
            .ref()
            .name());
    assertEquals(
        MtlsMode.STRICT,
        reader
            .peerAuthentication(
                tree(
                    "security.istio.io/v1", "PeerAuthentication", ", spec: {mtls: {mode: STRICT}}"))
            .orThrow()
            .spec()
            .mode());
    assertEquals(
        "h",
        reader
            .destinationRule(tree("networking.istio.io/v1", "DestinationRule", ", spec: {host: h}"))
            .orThrow()
            .host());
    assertEquals(
        "a", reader.sidecar(tree("networking.istio.io/v1", "Sidecar", "")).orThrow().meta().name());
    assertEquals(
        "td",
        reader
            .meshSettings(tree("v1", "ConfigMap", ", data: {mesh: 'trustDomain: td'}"))
            .orThrow()
            .trustDomain());
  }

  private static JsonNode tree(String apiVersion, String kind, String more) {
    return tree(
        "{apiVersion: %s, kind: %s, metadata: {name: a, namespace: foo}%s}"
            .formatted(apiVersion, kind, more));
  }

  private static JsonNode tree(String yaml) {
    return ManifestReader.read(yaml, "test").objects().get(0).tree();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{apiVersion: v1, kind: Service, metadata: {name: a, namespace: foo},"
            + " spec: {ports: [{port: 80, targetPort: '99999999999'}]}}",
        "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: foo}, spec: {containers:"
            + " [{name: a, livenessProbe: {httpGet: {port: '99999999999'}}}, {name: istio-proxy}]}}",
        "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a, namespace: foo},"
            + " spec: {ingress: [{ports: [{port: '99999'}]}]}}"
      })
  void aPortOfDigitsThatIsNoneCannotBeRead(String manifest) {
    assertEquals(1, Given.namespace(Given.dump(manifest), "foo").unreadable().size());
  }
}
