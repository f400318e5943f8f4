package io.mtlsmigration.kubernetes.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.Reachability;
import io.mtlsmigration.probe.ProbePlan;
import io.mtlsmigration.probe.ProbeTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The admission policy in {@code k8s/base} lets through what probes run. */
final class ExecAdmissionTest {

  private static List<Pattern> shapes() throws IOException {
    String policy = Files.readString(Path.of("k8s/base/admission.yaml"));
    int from = policy.indexOf("- name: curl");
    String list = policy.substring(from, policy.indexOf("- name: tcpdump", from));
    return Pattern.compile("r'([^']+)'")
        .matcher(list)
        .results()
        .map(shape -> Pattern.compile(shape.group(1)))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "https", "tls", "tcp", "grpc"})
  void knowsEachArgument(String protocol) throws IOException {
    List<Pattern> shapes = shapes();
    MeshSnapshot mesh =
        MeshBuilders.mesh(
            server("foo", protocol, "10.0.0.1"),
            server("six", protocol, "fd00::1"),
            MeshBuilders.namespace("legacy").with(MeshBuilders.pod("curl")));
    ProbePlan plan = new ProbePlan(mesh, Reachability.of(MeshModes.resolve(mesh)), pod -> true);

    List<ProbeTarget> targets =
        plan.choose(new ProbePlan.Bounds(100, Set.of(), 0), List.of(), List.of()).targets();

    assertTrue(targets.size() >= 6);
    for (ProbeTarget target : targets) {
      CurlCommand command =
          CurlCommand.of(target, 61_007, Duration.ofMillis(4500), "probe-0123456789abcdef");
      assertEquals(
          List.of(),
          command.arguments().stream()
              .filter(argument -> shapes.stream().noneMatch(s -> s.matcher(argument).find()))
              .toList());
    }
  }

  private static NamespaceBuilder server(String name, String protocol, String ip) {
    return MeshBuilders.namespace(name)
        .with(MeshBuilders.sidecarPod("httpbin").ports(8080).ip(ip))
        .with(MeshBuilders.service("httpbin").port(protocol, 8000, "8080"));
  }
}
