// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.probe;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.Reachability;
import io.mtlsmigration.probe.ProbePlan;
import io.mtlsmigration.probe.ProbeTarget;
import io.mtlsmigration.testing.ExecPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The admission policy in {@code k8s/base} lets through what probes run. */
final class ExecAdmissionTest {

  private static final String PROBE =
      "curl|--disable|--silent|--show-error|--noproxy|*|--user-agent|mtls-migration-probe"
          + "|--max-time|5.000|--connect-timeout|3.000|--max-filesize|16384|--limit-rate|256K"
          + "|--write-out|\nprobe-0123456789abcdef %{http_code}\n";

  private static final String LIST =
      "curl|--disable|--silent|--show-error|--write-out|whole %{size_download}\n";

  private static final ExecPolicy POLICY = ExecPolicy.read();

  @ParameterizedTest
  @ValueSource(strings = {"http", "https", "tls", "tcp", "grpc"})
  void allowsWhatProbesRun(String protocol) {
    MeshSnapshot mesh =
        MeshBuilders.mesh(
            server("foo", protocol, "10.0.0.1"),
            server("six", protocol, "fd00::1"),
            MeshBuilders.namespace("legacy").with(MeshBuilders.pod("curl")));
    ProbePlan plan =
        new ProbePlan(mesh, Reachability.of(MeshModes.resolve(mesh)), pod -> true, pod -> false);

    List<ProbeTarget> targets =
        plan.choose(new ProbePlan.Bounds(100, Set.of(), 0), List.of(), List.of()).targets();

    assertTrue(targets.size() >= 6);
    for (ProbeTarget target : targets) {
      CurlCommand command =
          CurlCommand.of(target, 61_007, Duration.ofMillis(4500), "probe-0123456789abcdef");
      assertTrue(POLICY.allows(command.arguments()), command.arguments().toString());
    }
  }

  @Test
  void allowsTheListOfConnections() {
    assertTrue(POLICY.allows(ConnectionLister.COMMAND));
  }

  /** Arguments apart by a bar. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "curl|--silent|http://httpbin.foo.svc:8000/",
        PROBE + "|--output|/etc/passwd|http://httpbin.foo.svc:8000/",
        PROBE + "|--output|-|--user-agent|http://httpbin.foo.svc:8000/",
        PROBE + "|--output|-|file:///etc/passwd",
        PROBE + "|--output|-|file:///proc/net/tcp",
        LIST + "|file:///proc/net/tcp|file:///proc/net/tcp6|file:///etc/passwd",
        LIST + "|file:///etc/passwd|file:///proc/net/tcp6",
        LIST + "%{onerror}|file:///proc/net/tcp|file:///proc/net/tcp6",
        PROBE + "|--output - http://httpbin.foo.svc:8000/",
        PROBE + "|--connect-to|::127.0.0.1:15000|--output|-|http://httpbin.foo.svc:8000/",
        PROBE + "|--connect-to|::2130706433:15000|--output|-|http://httpbin.foo.svc:8000/",
        PROBE + "|--connect-to|::169.254.169.254:80|--output|-|http://httpbin.foo.svc:8000/",
        PROBE + "|--connect-to|::[::1]:15000|--output|-|http://httpbin.foo.svc:8000/",
        PROBE + "|--connect-to|::[fd00:ec2::254]:80|--output|-|http://httpbin.foo.svc:8000/",
        PROBE + "|--header|Host: x|--output|-|http://httpbin.foo.svc:8000/",
        PROBE + "|--output|-|http://httpbin.foo.svc:8000/|--insecure"
      })
  void refusesWhatNoProbeIs(String command) {
    assertTrue(
        POLICY.allows(List.of((PROBE + "|--output|-|http://httpbin.foo.svc:8000/").split("[|]"))));

    assertFalse(POLICY.allows(List.of(command.split("[|]"))));
  }

  private static NamespaceBuilder server(String name, String protocol, String ip) {
    return MeshBuilders.namespace(name)
        .with(MeshBuilders.sidecarPod("httpbin").ports(8080).ip(ip))
        .with(
            MeshBuilders.sidecarPod("httpbin-2")
                .label("app", "httpbin")
                .of("Deployment", "httpbin")
                .ports(8080)
                .ip(ip + "2"))
        .with(MeshBuilders.service("httpbin").port(protocol, 8000, "8080"));
  }
}
