// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.ApiGateway;
import io.mtlsmigration.mesh.ApiServerCalls;
import io.mtlsmigration.mesh.AuthorizationPolicy;
import io.mtlsmigration.mesh.AuthorizationPolicy.Action;
import io.mtlsmigration.mesh.AuthorizationPolicy.Peers;
import io.mtlsmigration.mesh.ControllerClass;
import io.mtlsmigration.mesh.CronRuns;
import io.mtlsmigration.mesh.EnvoyFilter;
import io.mtlsmigration.mesh.ExternalWorkload;
import io.mtlsmigration.mesh.JobTemplate;
import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.LabelSelector.Operator;
import io.mtlsmigration.mesh.LabelSelector.Requirement;
import io.mtlsmigration.mesh.Monitor;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.NetworkPolicy;
import io.mtlsmigration.mesh.NetworkPolicy.PortRange;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.OtherObject;
import io.mtlsmigration.mesh.Route;
import io.mtlsmigration.mesh.RunPeriod;
import io.mtlsmigration.mesh.ServiceEntry;
import io.mtlsmigration.mesh.ServiceEntry.Endpoint;
import io.mtlsmigration.mesh.ServiceEntry.Port;
import io.mtlsmigration.mesh.ServiceEntry.Resolution;
import io.mtlsmigration.mesh.Telemetry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Objects of which hazards alone read something. */
final class OtherReaderTest {

  private static ObjectRef ref(String kind) {
    return new ObjectRef(kind, "foo", "a");
  }

  private static ObjectRef outside(String kind) {
    return new ObjectRef(kind, "", "a");
  }

  private static Arguments row(String apiVersion, String body, OtherObject expected) {
    String kind = expected.ref().kind();
    String namespace = expected.ref().namespace().isEmpty() ? "" : ", namespace: foo";
    return argumentSet(
        kind,
        "{apiVersion: "
            + apiVersion
            + ", kind: "
            + kind
            + ", metadata: {name: a"
            + namespace
            + "}, "
            + body
            + "}",
        expected);
  }

  private static Arguments gatewayRoute(String kind, String version) {
    return row(
        "gateway.networking.k8s.io/" + version,
        "spec: {parentRefs: [{name: gw}], rules: [{backendRefs: [{name: s, port: 80}]}]}",
        new Route(
            ref(kind),
            "",
            List.of(new ObjectRef("Gateway", "foo", "gw")),
            List.of(new Route.Target("foo", "s", "80"))));
  }

  /** Of an EnvoyFilter, where it patches, what it does there, and whether that hides plaintext. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          NETWORK_FILTER | context: SIDECAR_INBOUND, | istio.stats | REMOVE        | {}  | true
          HTTP_FILTER    | context: ANY,             | istio.stats | REPLACE       | {}  | true
          HTTP_FILTER    |                           | istio.stats | MERGE         | {}  | true
          HTTP_FILTER    | context: SIDECAR_OUTBOUND,| istio.stats | REMOVE        | {}  | false
          HTTP_FILTER    | context: GATEWAY,         | istio.stats | REMOVE        | {}  | false
          CLUSTER        |                           | istio.stats | REMOVE        | {}  | false
          HTTP_FILTER    |                           | lua         | REMOVE        | {}  | false
          HTTP_FILTER    |                           | istio.stats | INSERT_BEFORE | {}  | false
          HTTP_FILTER    |                           | router      | INSERT_FIRST  | {name: istio.stats} | false
          LISTENER       |                           | router      | ADD           | {name: istio.stats} | false
          FILTER_CHAIN   |                           | router      | MERGE         | {filters: [{name: istio.stats}]} | true
          BOOTSTRAP      |                           |             | MERGE         | {stats_config: {stats_matcher: {}}} | true
          BOOTSTRAP      |                           |             | MERGE         | {statsConfig: {statsMatcher: {}}} | true
          BOOTSTRAP      |                           |             | MERGE         | {stats_config: {histogram_bucket_settings: []}} | false
          BOOTSTRAP      |                           |             | MERGE         | {admin: {}} | false
          HTTP_FILTER    |                           | envoy.filters.http.wasm | REPLACE | {root_id: stats_inbound} | true
          HTTP_FILTER    |                           | envoy.filters.http.wasm | REPLACE | {root_id: waf} | false
          NETWORK_FILTER |                           | envoy.filters.network.http_connection_manager | REPLACE | {} | true
          NETWORK_FILTER | context: SIDECAR_INBOUND, | envoy.filters.network.http_connection_manager | REMOVE  | {} | true
          NETWORK_FILTER | context: SIDECAR_OUTBOUND,| envoy.filters.network.http_connection_manager | REPLACE | {} | false
          NETWORK_FILTER |                           | envoy.filters.network.http_connection_manager | MERGE   | {typed_config: {server_header_transformation: PASS_THROUGH}} | false
          NETWORK_FILTER |                           | envoy.filters.network.tcp_proxy | REPLACE | {} | false
          NETWORK_FILTER |                           |             | MERGE         | {typed_config: {}} | true
          NETWORK_FILTER |                           |             | REPLACE       | {} | false
          FILTER_CHAIN   |                           |             | ADD           | {filters: [{name: envoy.filters.network.tcp_proxy}]} | true
          FILTER_CHAIN   | context: GATEWAY,         |             | ADD           | {filters: []} | false
          FILTER_CHAIN   |                           |             | MERGE         | {transport_socket_connect_timeout: 5s} | false
          LISTENER       |                           |             | MERGE         | {filter_chains: [{}]} | true
          LISTENER       |                           |             | MERGE         | {defaultFilterChain: {}} | true
          LISTENER       |                           |             | MERGE         | {per_connection_buffer_limit_bytes: 1} | false
          HTTP_ROUTE     | context: SIDECAR_INBOUND, |             | MERGE         | {typed_per_filter_config: {istio.stats: {disabled: true}}} | true
          VIRTUAL_HOST   |                           |             | MERGE         | {typed_per_filter_config: {istio.stats: {}}} | true
          ROUTE_CONFIGURATION | context: SIDECAR_OUTBOUND, |       | MERGE         | {typed_per_filter_config: {istio.stats: {}}} | false
          HTTP_ROUTE     |                           |             | MERGE         | {route: {rate_limits: []}} | false
          """)
  void readsWhetherAnEnvoyFilterHidesPlaintext(
      String applyTo,
      @Nullable String context,
      @Nullable String filter,
      String operation,
      String value,
      boolean hides) {
    String patches =
        "spec: {workloadSelector: {labels: {a: b}}, configPatches: [{applyTo: "
            + applyTo
            + ", match: {"
            + (context == null ? "" : context)
            + " listener: {filterChain: {filter: {name: '"
            + (filter == null ? "" : filter)
            + "'}}}}, patch: {operation: "
            + operation
            + ", value: "
            + value
            + "}}]";

    assertEquals(
        new EnvoyFilter(ref("EnvoyFilter"), Map.of("a", "b"), hides, List.of()),
        envoyFilter(patches + "}"));
    assertEquals(
        new EnvoyFilter(ref("EnvoyFilter"), Map.of("a", "b"), hides, List.of()),
        envoyFilter(patches + ", targetRefs: []}"),
        "bound to nothing");
    assertEquals(
        new EnvoyFilter(ref("EnvoyFilter"), Map.of("a", "b"), false, List.of()),
        envoyFilter(patches + ", targetRefs: [{kind: Gateway, name: waypoint}]}"));
  }

  private static EnvoyFilter envoyFilter(String spec) {
    return Given.namespace(
            Given.dump(
                "{apiVersion: networking.istio.io/v1alpha3, kind: EnvoyFilter,"
                    + " metadata: {name: a, namespace: foo}, "
                    + spec
                    + "}"),
            "foo")
        .others(EnvoyFilter.class)
        .getFirst();
  }

  static Stream<Arguments> objects() {
    String tlsMode = "security.istio.io/tlsMode";
    return Stream.of(
        row(
            "batch/v1",
            "spec: {jobTemplate: {spec: {template: {metadata: {labels: {a: b}, annotations:"
                + " {sidecar.istio.io/inject: 'false', other: x}}, spec: {hostNetwork: true}}}}}",
            new JobTemplate(
                ref("CronJob"),
                Map.of("a", "b"),
                Map.of("sidecar.istio.io/inject", "false"),
                true,
                false,
                CronRuns.of(JobTemplate.UNKNOWN_PERIOD))),
        row(
            "batch/v1",
            "spec: {schedule: '@every 1h', jobTemplate: {spec: {template: {metadata: {annotations:"
                + " {sidecar.istio.io/status: '{}'}}, spec: {initContainers: [{name: istio-proxy,"
                + " restartPolicy: Always}]}}}}}",
            new JobTemplate(
                ref("CronJob"), Map.of(), Map.of(), false, true, CronRuns.of(Duration.ofHours(1)))),
        row(
            "batch/v1",
            "spec: {template: {metadata: {annotations: {sidecar.istio.io/status: '{}'}}}}",
            new JobTemplate(ref("Job"), Map.of(), Map.of(), false, false, null)),
        row(
            "batch/v1",
            "spec: {schedule: every other week, suspend: true}",
            new JobTemplate(ref("CronJob"), Map.of(), Map.of(), false, false, null)),
        row(
            "batch/v1",
            "spec: {schedule: '@every 168h'}, status: {lastScheduleTime: '2026-11-20T03:00:00Z',"
                + " lastSuccessfulTime: '2026-11-20T03:00:09Z', active: [{name: a}]}",
            new JobTemplate(
                ref("CronJob"),
                Map.of(),
                Map.of(),
                false,
                false,
                new CronRuns(
                    RunPeriod.of(Duration.ofDays(7)),
                    Instant.EPOCH,
                    Instant.parse("2026-11-20T03:00:00Z"),
                    true,
                    Instant.parse("2026-11-20T03:00:09Z")))),
        row(
            "batch/v1",
            "spec: {schedule: '@every 168h'}",
            new JobTemplate(
                ref("CronJob"), Map.of(), Map.of(), false, false, CronRuns.of(Duration.ofDays(7)))),
        row(
            "batch/v1",
            "spec: {template: {metadata: {labels: {a: b}}}}",
            new JobTemplate(ref("Job"), Map.of("a", "b"), Map.of(), false, false, null)),
        row(
            "security.istio.io/v1",
            "spec: {selector: {matchLabels: {app: x}}, action: DENY, rules: [{from: [{source:"
                + " {principals: [p]}}, {source: {notNamespaces: [ns]}}]}, {to: [{operation: {notPorts:"
                + " ['9090']}}]}]}",
            new AuthorizationPolicy(
                ref("AuthorizationPolicy"),
                " ",
                Map.of("app", "x"),
                false,
                true,
                Action.DENY,
                Set.of(9090),
                List.of(new Peers(true, false), new Peers(false, true), new Peers(false, false)))),
        row(
            "security.istio.io/v1beta1",
            "spec: {targetRefs: [{kind: Gateway}], rules: [{when: [{key: source.principal, values:"
                + " [p]}, {key: source.namespace, notValues: [ns]}, {key: request.auth.claims,"
                + " values: [c]}]}]}",
            new AuthorizationPolicy(
                ref("AuthorizationPolicy"),
                " ",
                Map.of(),
                true,
                true,
                Action.ALLOW,
                Set.of(),
                List.of(new Peers(true, true)))),
        row(
            "networking.istio.io/v1",
            "spec: {labels: {app: vm}, serviceAccount: sa}",
            new ExternalWorkload(ref("WorkloadEntry"), Map.of("app", "vm"), "sa", "")),
        row(
            "networking.istio.io/v1",
            "spec: {metadata: {labels: {app: vm}}, template: {labels: {x: z}, serviceAccount: sa}}",
            new ExternalWorkload(ref("WorkloadGroup"), Map.of("app", "vm", "x", "z"), "sa", "a")),
        row(
            "networking.istio.io/v1beta1",
            "spec: {hosts: [a.example.com, b.example.com], addresses: [10.9.0.1], resolution:"
                + " STATIC, exportTo: [.], workloadSelector: {labels: {app: x}},"
                + " ports: [{number: 80, name: http, targetPort: 8080}, {number: 443}], endpoints:"
                + " [{address: 10.1.2.3, ports: {http: 8081}, serviceAccount: sa}, {address:"
                + " x.foo, labels: {security.istio.io/tlsMode: istio}}, {address: 10.1.2.4,"
                + " serviceAccount: sa, labels: {security.istio.io/tlsMode: disabled}}]}",
            new ServiceEntry(
                ref("ServiceEntry"),
                List.of("a.example.com", "b.example.com"),
                List.of("10.9.0.1"),
                true,
                Resolution.STATIC,
                Set.of("."),
                Map.of("app", "x"),
                List.of(new Port("http", 80, 8080), new Port("", 443, 0)),
                List.of(
                    new Endpoint("10.1.2.3", Map.of("http", 8081), Map.of(), "istio"),
                    new Endpoint("x.foo", Map.of(), Map.of(tlsMode, "istio"), "istio"),
                    new Endpoint("10.1.2.4", Map.of(), Map.of(tlsMode, "disabled"), "disabled")))),
        row(
            "networking.istio.io/v1",
            "spec: {hosts: [c.example.com], location: MESH_INTERNAL}",
            new ServiceEntry(
                ref("ServiceEntry"),
                List.of("c.example.com"),
                List.of(),
                false,
                Resolution.NONE,
                Set.of(),
                Map.of(),
                List.of(),
                List.of())),
        row(
            "telemetry.istio.io/v1",
            "spec: {selector: {matchLabels: {app: x}}, metrics: [{overrides: [{match: {metric:"
                + " REQUEST_COUNT, mode: SERVER}, tagOverrides: {connection_security_policy:"
                + " {operation: REMOVE}}}, {disabled: true}, {match: {mode: CLIENT}, disabled:"
                + " true}, {match: {metric: GRPC_REQUEST_MESSAGES}, disabled: true}]}, {providers:"
                + " [{name: other}], overrides: [{match: {metric: REQUEST_COUNT}, disabled:"
                + " true}]}]}",
            new Telemetry(
                ref("Telemetry"),
                Given.NOON,
                null,
                Map.of("app", "x"),
                false,
                List.of(
                    new Telemetry.Change("REQUEST_COUNT", null, true),
                    new Telemetry.Change("REQUEST_COUNT", true, false),
                    new Telemetry.Change("TCP_OPENED_CONNECTIONS", true, false),
                    new Telemetry.Change("TCP_RECEIVED_BYTES", true, false),
                    new Telemetry.Change("TCP_SENT_BYTES", true, false)),
                List.of(new Telemetry.Change("REQUEST_COUNT", true, false)),
                false,
                Telemetry.Logging.INHERITED)),
        row(
            "telemetry.istio.io/v1",
            "spec: {metrics: [{providers: [{name: prometheus}], overrides: [{match: {metric:"
                + " TCP_CLOSED_CONNECTIONS}, tagOverrides: {reporter: {value: x}}}, {match:"
                + " {customMetric: requests_total}, tagOverrides: {destination_workload: {value:"
                + " x}}}, {match: {metric: ALL_METRICS, mode: CLIENT}, disabled: true}, {match:"
                + " {metric: TCP_CLOSED_CONNECTIONS}, disabled: true}, {match: {customMetric: mine},"
                + " disabled: true}, {match: {metric: REQUEST_COUNT}, tagOverrides:"
                + " {request_host: {value: y}}}]}]}",
            new Telemetry(
                ref("Telemetry"),
                Given.NOON,
                null,
                Map.of(),
                false,
                List.of(
                    new Telemetry.Change("TCP_CLOSED_CONNECTIONS", null, true),
                    new Telemetry.Change("REQUEST_COUNT", null, true),
                    new Telemetry.Change("REQUEST_COUNT", null, false)),
                List.of(),
                true,
                Telemetry.Logging.INHERITED)),
        reported("30s"),
        reported("9999999999h", new Telemetry.Change("TCP_OPENED_CONNECTIONS", null, true)),
        reported("1h", new Telemetry.Change("TCP_OPENED_CONNECTIONS", null, true)),
        logs("[{}]", Telemetry.Logging.INHERITED),
        logs("[{match: {mode: CLIENT}, disabled: true}]", Telemetry.Logging.INHERITED),
        logs("[{disabled: true}]", Telemetry.Logging.IN_PART),
        logs("[{filter: {expression: response.code >= 400}}]", Telemetry.Logging.IN_PART),
        logs("[{providers: [{name: json}]}]", Telemetry.Logging.whole(Set.of("json"))),
        logs(
            "[{providers: [{name: otel}], filter: {expression: x}}, {providers: [{name: envoy}]}]",
            Telemetry.Logging.whole(Set.of("envoy"))),
        logs(
            "[{providers: [{name: envoy}], filter: {expression: x}}, {providers: [{name: otel}]}]",
            Telemetry.Logging.IN_PART),
        logs(
            "[{providers: [{name: envoy}]}, {providers: [{name: otel}], disabled: true}]",
            Telemetry.Logging.whole(Set.of("envoy"))),
        row(
            "networking.istio.io/v1alpha3",
            "spec: {configPatches: [{applyTo: CLUSTER, patch: {operation: ADD, value: {name: c,"
                + " load_assignment: {endpoints: [{lb_endpoints: [{endpoint: {address:"
                + " {socket_address: {address: x.foo, port_value: 80}}}}]}]}}}}, {applyTo: CLUSTER,"
                + " patch: {operation: MERGE, value: {name: m}}}, {applyTo: CLUSTER, patch:"
                + " {operation: ADD, value: {name: t, transportSocket: {name: tls}, loadAssignment:"
                + " {endpoints: [{lbEndpoints: [{endpoint: {address: {socketAddress: {address: z,"
                + " portValue: 1}}}}]}]}}}}]}",
            new EnvoyFilter(
                ref("EnvoyFilter"),
                Map.of(),
                false,
                List.of(
                    new EnvoyFilter.Cluster("c", "x.foo", 80, false),
                    new EnvoyFilter.Cluster("t", "z", 1, true)))),
        row(
            "networking.k8s.io/v1",
            "spec: {ingressClassName: nginx, defaultBackend: {service: {name: d, port: {name:"
                + " http}}}, rules: [{http: {paths: [{backend: {service: {name: s, port: {number:"
                + " 80}}}}, {backend: {resource: {kind: Bucket}}}]}}]}",
            new Route(
                ref("Ingress"),
                "nginx",
                List.of(),
                List.of(new Route.Target("foo", "d", "http"), new Route.Target("foo", "s", "80")))),
        row(
            "gateway.networking.k8s.io/v1",
            "spec: {parentRefs: [{name: gw, namespace: edge}, {group: '', kind: Service, name: s}],"
                + " rules: [{backendRefs: [{name: s, port: 80}, {name: b, namespace: bar, port: 1},"
                + " {group: x, kind: Bucket, name: c}]}]}",
            new Route(
                ref("HTTPRoute"),
                "",
                List.of(new ObjectRef("Gateway", "edge", "gw")),
                List.of(new Route.Target("foo", "s", "80"), new Route.Target("bar", "b", "1")))),
        gatewayRoute("GRPCRoute", "v1"),
        gatewayRoute("TLSRoute", "v1alpha3"),
        gatewayRoute("TCPRoute", "v1alpha2"),
        row(
            "gateway.networking.k8s.io/v1",
            "spec: {gatewayClassName: istio}",
            new ApiGateway(ref("Gateway"), "istio")),
        row(
            "gateway.networking.k8s.io/v1",
            "spec: {controllerName: istio.io/gateway-controller}",
            new ControllerClass(outside("GatewayClass"), "istio.io/gateway-controller")),
        row(
            "networking.k8s.io/v1",
            "spec: {controller: k8s.io/ingress-nginx}",
            new ControllerClass(outside("IngressClass"), "k8s.io/ingress-nginx")),
        row(
            "monitoring.coreos.com/v1",
            "spec: {selector: {matchLabels: {app: x}}, namespaceSelector: {any: true}, endpoints:"
                + " [{port: metrics}, {targetPort: 9090, scheme: https, tlsConfig: {certFile: c}}]}",
            new Monitor(
                ref("ServiceMonitor"),
                LabelSelector.ofLabels(Map.of("app", "x")),
                List.of(),
                List.of(
                    new Monitor.Endpoint("metrics", "", false),
                    new Monitor.Endpoint("", "9090", true)))),
        row(
            "monitoring.coreos.com/v1",
            "spec: {selector: {matchExpressions: [{key: k, operator: Exists}]}, namespaceSelector:"
                + " {matchNames: [bar]}, podMetricsEndpoints: [{portNumber: 1}, {targetPort: web}]}",
            new Monitor(
                ref("PodMonitor"),
                new LabelSelector(
                    Map.of(), List.of(new Requirement("k", Operator.EXISTS, List.of()))),
                List.of("bar"),
                List.of(
                    new Monitor.Endpoint("", "1", false), new Monitor.Endpoint("", "web", false)))),
        row(
            "networking.k8s.io/v1",
            "spec: {podSelector: {matchLabels: {a: b}}, ingress: [{ports: [{port: 80}, {port: 90,"
                + " endPort: 99}, {port: 53, protocol: UDP}, {port: web}]}]}",
            new NetworkPolicy(
                ref("NetworkPolicy"),
                LabelSelector.ofLabels(Map.of("a", "b")),
                List.of(new PortRange(80, 80), new PortRange(90, 99)))),
        row(
            "networking.k8s.io/v1",
            "spec: {podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}",
            new NetworkPolicy(
                ref("NetworkPolicy"), LabelSelector.EVERYTHING, List.of(PortRange.ALL))),
        row(
            "networking.k8s.io/v1",
            "spec: {podSelector: {}, policyTypes: [Egress]}",
            new NetworkPolicy(
                ref("NetworkPolicy"), LabelSelector.EVERYTHING, List.of(PortRange.ALL))),
        row(
            "networking.k8s.io/v1",
            "spec: {podSelector: {}, policyTypes: [Ingress]}",
            new NetworkPolicy(ref("NetworkPolicy"), LabelSelector.EVERYTHING, List.of())),
        row(
            "admissionregistration.k8s.io/v1",
            "webhooks: [{name: w, clientConfig: {service: {namespace: foo, name: s, port: 8443}}},"
                + " {name: x, failurePolicy: Ignore, clientConfig: {service: {namespace: bar, name:"
                + " t}}}, {name: y, clientConfig: {url: 'https://x'}}]",
            new ApiServerCalls(
                outside("ValidatingWebhookConfiguration"),
                List.of(
                    new ApiServerCalls.Call("foo", "s", 8443, true),
                    new ApiServerCalls.Call("bar", "t", 443, false)))),
        row(
            "admissionregistration.k8s.io/v1",
            "webhooks: [{name: rev.namespace.sidecar-injector.istio.io, namespaceSelector:"
                + " {matchExpressions: [{key: istio.io/rev, operator: In, values: [canary]}, {key:"
                + " istio-injection, operator: DoesNotExist}]}}, {name:"
                + " namespace.sidecar-injector.istio.io, namespaceSelector: {matchLabels:"
                + " {istio-injection: enabled}}}, {name: object.sidecar-injector.istio.io,"
                + " namespaceSelector: {matchLabels: {istio.io/deactivated: never-match}}}, {name:"
                + " other.example.com, namespaceSelector: {matchLabels: {team: a}}}]",
            new ApiServerCalls(
                outside("ValidatingWebhookConfiguration"),
                List.of(),
                Set.of("istio.io/rev=canary", "istio-injection=enabled"))),
        row(
            "apiregistration.k8s.io/v1",
            "spec: {service: {namespace: foo, name: s}}",
            new ApiServerCalls(
                outside("APIService"), List.of(new ApiServerCalls.Call("foo", "s", 443, true)))),
        row(
            "apiextensions.k8s.io/v1",
            "spec: {conversion: {strategy: Webhook, webhook: {clientConfig: {service: {namespace:"
                + " foo, name: s, port: 1}}}}}",
            new ApiServerCalls(
                outside("CustomResourceDefinition"),
                List.of(new ApiServerCalls.Call("foo", "s", 1, true)))),
        row(
            "apiextensions.k8s.io/v1",
            "spec: {conversion: {strategy: None}}",
            new ApiServerCalls(outside("CustomResourceDefinition"), List.of())));
  }

  private static Arguments reported(String interval, Telemetry.Change... changes) {
    return row(
        "telemetry.istio.io/v1",
        "spec: {metrics: [{reportingInterval: " + interval + "}]}",
        new Telemetry(
            ref("Telemetry"),
            Given.NOON,
            null,
            Map.of(),
            false,
            List.of(changes),
            List.of(),
            null,
            Telemetry.Logging.INHERITED));
  }

  private static Arguments logs(String accessLogging, Telemetry.Logging read) {
    return row(
        "telemetry.istio.io/v1alpha1",
        "spec: {accessLogging: " + accessLogging + "}",
        new Telemetry(
            ref("Telemetry"), Given.NOON, null, Map.of(), false, List.of(), List.of(), null, read));
  }

  @ParameterizedTest
  @MethodSource("objects")
  void readsWhatItsRuleReads(String manifest, OtherObject expected) {
    Facts facts = Given.dump(manifest);

    assertEquals(List.of(), facts.problems());
    List<OtherObject> read =
        expected.ref().namespace().isEmpty()
            ? facts.snapshot().clusterObjects()
            : Given.namespace(facts, "foo").others();
    assertEquals(List.of(expected), read);
    assertEquals(Map.of(), facts.ignoredKinds());
  }

  /** An empty list binds to nothing, so that it is for all pods of the namespace. */
  @Test
  void emptyTargetRefsBindNothing() {
    String facts =
        """
        {apiVersion: telemetry.istio.io/v1, kind: Telemetry,
         metadata: {name: a, namespace: foo, labels: {istio.io/rev: canary}}, spec: {targetRefs: []}}
        ---
        {apiVersion: security.istio.io/v1, kind: AuthorizationPolicy,
         metadata: {name: a, namespace: foo}, spec: {targetRefs: []}}
        """;
    NamespaceFacts foo = Given.namespace(Given.dump(facts), "foo");

    assertFalse(foo.others(Telemetry.class).getFirst().attached());
    assertEquals("canary", foo.others(Telemetry.class).getFirst().revision());
    assertFalse(foo.others(AuthorizationPolicy.class).getFirst().attached());
  }

  @Test
  void aDryRunIsNotEnforced() {
    Facts facts =
        Given.dump(
            """
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: a, namespace: foo, annotations: {istio.io/dry-run: "true"}}
            """);

    assertEquals(
        List.of(false),
        Given.namespace(facts, "foo").others(AuthorizationPolicy.class).stream()
            .map(AuthorizationPolicy::enforced)
            .toList());
  }

  @Test
  void anIngressMayTellItsClassByTheOldAnnotation() {
    Facts facts =
        Given.dump(
            """
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata: {name: a, namespace: foo, annotations: {kubernetes.io/ingress.class: istio}}
            """);

    assertEquals("istio", Given.namespace(facts, "foo").others(Route.class).get(0).className());
  }

  @ParameterizedTest
  @CsvSource({"CronJob, spec: {schedule: 0 3 * * 0}, P7D", "Job, spec: {}, "})
  void keepsTheTemplateThatAnOperatorOwns(String kind, String spec, @Nullable Duration period) {
    Facts facts =
        Given.dump(
            "{apiVersion: batch/v1, kind: "
                + kind
                + ", metadata: {name: a, namespace: foo, creationTimestamp: '2026-11-25T08:00:00Z',"
                + " ownerReferences: [{apiVersion:"
                + " example.com/v1, kind: Backup, name: b, controller: true}]}, "
                + spec
                + "}");

    assertEquals(
        List.of(
            new JobTemplate(
                ref(kind),
                Map.of(),
                Map.of(),
                false,
                false,
                period == null
                    ? null
                    : new CronRuns(
                        RunPeriod.of(period),
                        Instant.parse("2026-11-25T08:00:00Z"),
                        Instant.EPOCH,
                        false,
                        Instant.EPOCH))),
        Given.namespace(facts, "foo").others());
  }

  static Stream<Arguments> jobsOfNoInterest() {
    return Stream.of(
        argumentSet(
            "of a CronJob", "ownerReferences: [{kind: CronJob, name: c, controller: true}]", ""),
        argumentSet(
            "failed", "labels: {}", ", status: {conditions: [{type: Failed, status: 'True'}]}"),
        argumentSet("done", "labels: {}", ", status: {completionTime: '2026-01-01T00:00:00Z'}"));
  }

  @ParameterizedTest
  @MethodSource("jobsOfNoInterest")
  void keepsNoTemplateOfAJobThatIs(String metadata, String status) {
    Facts facts =
        Given.dump(
            "{apiVersion: batch/v1, kind: Job, metadata: {name: a, namespace: foo, "
                + metadata
                + "}"
                + status
                + "}");

    assertEquals(List.of(), Given.namespace(facts, "foo").others());
  }

  @Test
  void doesNotTakeTheGatewayOfIstioForThatOfKubernetes() {
    Facts facts =
        Given.dump("{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: a}}");

    assertEquals(Map.of("Gateway.networking.istio.io", 1), facts.ignoredKinds());
  }

  @Test
  void holdsWhatCannotBeReadOutsideOfNamespacesForTheRoot() {
    Facts facts =
        Given.dump(
            """
            apiVersion: admissionregistration.k8s.io/v1
            kind: MutatingWebhookConfiguration
            metadata: {name: a}
            webhooks: [{clientConfig: {service: {name: s}}}]
            """);

    assertEquals(List.of(), facts.snapshot().clusterObjects());
    assertEquals(
        "/webhooks/0/clientConfig/service/namespace",
        Given.namespace(facts, "istio-system").unreadable().get(0).field());
  }

  @Test
  void holdsWhatCannotBeReadInANamespace() {
    Facts facts =
        Given.dump(
            """
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: a, namespace: foo}
            spec: {action: PERHAPS}
            """);

    assertTrue(Given.namespace(facts, "foo").others().isEmpty());
    assertEquals("/spec/action", Given.namespace(facts, "foo").unreadable().get(0).field());
  }
}
