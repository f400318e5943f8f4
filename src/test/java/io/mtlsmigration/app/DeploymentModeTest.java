// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.kubernetes.ClusterLocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class DeploymentModeTest {

  private static final Path HOME = Path.of("/home/ann");
  private static final Map<String, String> POD =
      Map.of("KUBERNETES_SERVICE_HOST", "10.0.0.1", "KUBERNETES_SERVICE_PORT", "6443");

  @TempDir static Path account;

  @BeforeAll
  static void mount() throws IOException {
    Files.writeString(account.resolve("token"), "t");
  }

  static Stream<Arguments> decisions() {
    DeploymentMode sandbox = new DeploymentMode.Sandbox();
    DeploymentMode pod =
        new DeploymentMode.Cluster(new ClusterLocation.InPod("https://10.0.0.1:6443", account));
    Map<String, String> listed = Map.of("KUBECONFIG", "/a::/b");
    return Stream.of(
        argumentSet("nothing at all", Map.of(), Map.of(), sandbox),
        argumentSet("a kubeconfig that nobody named", Map.of(), listed, sandbox),
        argumentSet("a pod", Map.of(), POD, pod),
        argumentSet("a pod that is told not to", mode("sandbox"), POD, sandbox),
        argumentSet("a pod that is told to", mode("cluster"), POD, pod),
        argumentSet(
            "told to, with nothing", mode("CLUSTER"), Map.of(), at(null, "/home/ann/.kube/config")),
        argumentSet("told to, with a list", mode("cluster"), listed, at(null, "/a", "/b")),
        argumentSet("a file", Map.of(DeploymentMode.KUBECONFIG, "/x"), listed, at(null, "/x")),
        argumentSet(
            "files in a pod",
            Map.of(DeploymentMode.KUBECONFIG, "/x:/y"),
            POD,
            at(null, "/x", "/y")),
        argumentSet(
            "a context", Map.of(DeploymentMode.CONTEXT, "lab"), listed, at("lab", "/a", "/b")));
  }

  @ParameterizedTest
  @MethodSource("decisions")
  void decidesByWhatIsConfiguredThenByWhatIsThere(
      Map<String, String> config, Map<String, String> variables, Object expected) {
    Environment environment = new Environment(variables, HOME, account);

    DeploymentMode site =
        DeploymentMode.decide(key -> Optional.ofNullable(config.get(key)), environment);

    assertEquals(expected, site);
  }

  @Test
  void isNoPodWithoutAToken(@TempDir Path empty) {
    Environment environment = new Environment(POD, HOME, empty);

    assertEquals(
        new DeploymentMode.Sandbox(), DeploymentMode.decide(key -> Optional.empty(), environment));
  }

  @Test
  void writesAnAddressOfVersionSixInBrackets() {
    Environment environment =
        new Environment(Map.of("KUBERNETES_SERVICE_HOST", "fd00::1"), HOME, account);

    assertEquals(Optional.of("https://[fd00::1]:443"), environment.serverOfPod());
  }

  @Test
  void namesTheKeyThatIsWrong() {
    Environment environment = new Environment(Map.of(), HOME, account);

    IllegalArgumentException wrong =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                DeploymentMode.decide(
                    key -> Optional.ofNullable(mode("maybe").get(key)), environment));

    assertTrue(wrong.getMessage().startsWith("mtls-migration.cluster.mode: expected"));
  }

  private static Map<String, String> mode(String mode) {
    return Map.of(DeploymentMode.MODE, mode);
  }

  private static DeploymentMode at(@Nullable String context, String... files) {
    return new DeploymentMode.Cluster(
        new ClusterLocation.Kubeconfig(Stream.of(files).map(Path::of).toList(), context));
  }
}
