// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.ContainerPort;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.DestinationRule.ClientTlsMode;
import io.mtlsmigration.mesh.DestinationRule.TrafficPolicy;
import io.mtlsmigration.mesh.InboundCapture;
import io.mtlsmigration.mesh.Lifecycle;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectMeta;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A mesh of any size, deterministic by its size: two Services in each namespace and a curl to probe
 * from; every tenth namespace without sidecars, and some policies and rules. Facts are created
 * directly, without manifests, and share equal parts.
 *
 * @param namespaces their number, without the root namespace
 * @param pods in each of them
 */
record GeneratedMesh(int namespaces, int pods) {

  private static final int MOST_NAMESPACES = 50_000;
  private static final int MOST_PODS = 5_000_000;

  /** The number of namespaces with traffic; enough to look at, and little load for a laptop. */
  private static final int BUSY = 20;

  private static final int PORT = 8080;

  private static final Pattern SIZE =
      Pattern.compile("\\s*namespaces=(\\d{1,6})\\s*,\\s*pods=(\\d{1,6})\\s*");

  GeneratedMesh {
    if (namespaces < 1
        || pods < 1
        || namespaces > MOST_NAMESPACES
        || (long) namespaces * pods > MOST_PODS) {
      throw new ScenarioException(
          "Can generate 1 to %d namespaces and up to %d pods in all, not %d × %d"
              .formatted(MOST_NAMESPACES, MOST_PODS, namespaces, pods));
    }
  }

  /** Parses {@code namespaces=N,pods=M}. */
  static GeneratedMesh parse(String size) {
    Matcher m = SIZE.matcher(size);
    if (!m.matches()) {
      throw new ScenarioException(
          "Expected a size such as namespaces=1000,pods=10, not '" + size + "'");
    }
    return new GeneratedMesh(Integer.parseInt(m.group(1)), Integer.parseInt(m.group(2)));
  }

  Scenario scenario(Instant now) {
    List<NamespaceFacts> all = new ArrayList<>();
    all.add(NamespaceFacts.empty(MeshSettings.DEFAULT.rootNamespace()));
    for (int i = 0; i < namespaces; i++) {
      all.add(new Shape(i, now).facts());
    }
    return new Scenario(MeshSnapshot.of(MeshSettings.DEFAULT, now, all), calls(), List.of(), null);
  }

  private static String name(int index) {
    return "team-%05d".formatted(index);
  }

  /** Returns the calls: each busy namespace to the next; without sidecars only for a while. */
  private List<TrafficCall> calls() {
    List<TrafficCall> calls = new ArrayList<>();
    for (int i = 0; pods > 1 && i < Math.min(namespaces, BUSY); i++) {
      Optional<Duration> end = i % 10 == 9 ? Optional.of(Duration.ofSeconds(40)) : Optional.empty();
      calls.add(
          new TrafficCall(
              name(i) + "/curl",
              new TrafficCall.Destination(name((i + 1) % namespaces), "web", 80, "/"),
              0.5,
              Duration.ofMillis(100L * i),
              end.orElse(null)));
    }
    return calls;
  }

  /** One namespace. */
  private final class Shape {
    private final int index;
    private final String name;
    private final boolean injected;
    private final Instant age;

    Shape(int index, Instant now) {
      this.index = index;
      this.name = name(index);
      this.injected = index % 10 != 9;
      this.age = now.minus(Duration.ofDays(30));
    }

    NamespaceFacts facts() {
      return new NamespaceFacts(
          name,
          "",
          injected ? Map.of("istio-injection", "enabled") : Map.of(),
          Map.of(),
          false,
          podsOf(),
          List.of(service("web"), service("api")),
          List.of(),
          policies(),
          rules(),
          List.of(),
          List.of(),
          List.of());
    }

    /** Returns the pods: a curl, then web and api in turn. */
    private List<Pod> podsOf() {
      List<Pod> made = new ArrayList<>(pods);
      List<Template> templates =
          List.of(new Template("curl", List.of()), new Template("web"), new Template("api"));
      for (int i = 0; i < pods; i++) {
        int which = pods == 1 ? 1 : i == 0 ? 0 : 1 + (i - 1) % 2;
        made.add(templates.get(which).pod(i));
      }
      return made;
    }

    private Service service(String app) {
      return new Service(
          new ObjectRef("Service", name, app),
          Map.of(),
          Map.of(),
          Map.of("app", app),
          Service.Type.CLUSTER_IP,
          false,
          List.of(new ServicePort("http", 80, "TCP", "", String.valueOf(PORT), 0)),
          Set.of(),
          List.of(),
          List.of(),
          age);
    }

    private List<PeerAuthentication> policies() {
      return switch (index % 8) {
        case 1 -> List.of(policy("default", PeerAuthentication.Spec.of(MtlsMode.PERMISSIVE)));
        case 5 ->
            List.of(
                policy(
                    "web",
                    new PeerAuthentication.Spec(
                        Map.of("app", "web"),
                        MtlsMode.PERMISSIVE,
                        Map.of(9090, MtlsMode.PERMISSIVE))));
        default -> List.of();
      };
    }

    private PeerAuthentication policy(String policy, PeerAuthentication.Spec spec) {
      return new PeerAuthentication(meta("PeerAuthentication", policy), spec);
    }

    private List<DestinationRule> rules() {
      return index % 16 == 3
          ? List.of(
              new DestinationRule(
                  meta("DestinationRule", "web"),
                  "web",
                  Set.of(),
                  Map.of(),
                  new TrafficPolicy(ClientTlsMode.ISTIO_MUTUAL, false, Map.of()),
                  List.of()))
          : List.of();
    }

    private ObjectMeta meta(String kind, String object) {
      return new ObjectMeta(
          new ObjectRef(kind, name, object), "", "", age, Map.of(), Map.of(), List.of());
    }

    /** The common part of one workload's pods. */
    private final class Template {
      private final WorkloadRef workload;
      private final Map<String, String> labels;
      private final Map<String, String> annotations;
      private final List<ContainerPort> ports;

      Template(String app) {
        this(app, List.of(new ContainerPort("http", PORT, "TCP", 0)));
      }

      Template(String app, List<ContainerPort> ports) {
        this.workload = new WorkloadRef(name, "Deployment", app);
        this.labels =
            injected ? Map.of("app", app, Pod.TLS_MODE_LABEL, "istio") : Map.of("app", app);
        this.annotations = injected ? Map.of("sidecar.istio.io/status", "{}") : Map.of();
        this.ports = ports;
      }

      Pod pod(int number) {
        return new Pod(
            new ObjectRef("Pod", name, workload.name() + "-" + number),
            "",
            workload,
            labels,
            annotations,
            injected ? DataPlane.SIDECAR : DataPlane.NONE,
            InboundCapture.EVERYTHING,
            false,
            ports,
            Lifecycle.PLAIN,
            "",
            List.of(),
            "",
            workload.name(),
            true,
            false,
            0,
            false,
            age);
      }
    }
  }
}
