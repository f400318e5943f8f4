// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.fabric8.kubernetes.api.model.EphemeralContainer;
import io.fabric8.kubernetes.api.model.EphemeralContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class EphemeralTcpdumpTest {

  private static final String NAME = "mtls-migration-wire-0";
  private static final KubernetesClient NEVER_ASKED = new KubernetesClientBuilder().build();
  private static final EphemeralTcpdump TCPDUMP = new EphemeralTcpdump(NEVER_ASKED, "tools:2");

  @AfterAll
  static void close() {
    NEVER_ASKED.close();
  }

  private static Pod pod(EphemeralContainer container, boolean running) {
    var state = new PodBuilder().withNewSpec().withEphemeralContainers(container).endSpec();
    var status = state.withNewStatus().addNewEphemeralContainerStatus().withName(NAME);
    return (running
            ? status.withNewState().withNewRunning("2026-01-01T12:00:00Z").endState()
            : status.withNewState().withNewTerminated().endTerminated().endState())
        .endEphemeralContainerStatus()
        .endStatus()
        .build();
  }

  /** What the versions before gave it: tcpdump of Debian dies in there. */
  private static EphemeralContainer withFewerRights() {
    return new EphemeralContainerBuilder(EphemeralTcpdump.container(NAME, "tools:2"))
        .editSecurityContext()
        .withNewCapabilities()
        .withDrop("ALL")
        .withAdd("NET_RAW")
        .endCapabilities()
        .endSecurityContext()
        .build();
  }

  static Stream<Arguments> containers() {
    EphemeralContainer same = EphemeralTcpdump.container(NAME, "tools:2");
    EphemeralContainer other = EphemeralTcpdump.container(NAME, "tools:1");
    return Stream.of(
        argumentSet("its own", pod(same, true), Optional.of(NAME)),
        argumentSet("its own, which has ended", pod(same, false), Optional.empty()),
        argumentSet("another image", pod(other, true), Optional.empty()),
        argumentSet("other rights", pod(withFewerRights(), true), Optional.empty()),
        argumentSet(
            "somebody else's",
            pod(new EphemeralContainerBuilder(same).withName("debugger").build(), true),
            Optional.empty()));
  }

  @ParameterizedTest
  @MethodSource("containers")
  void usesOneAgainThatIsTheSame(Pod pod, Optional<String> used) {
    assertEquals(used, TCPDUMP.running(pod));
  }

  @Test
  void takesTheRightsThatTcpdumpNeedsAndNoMore() {
    var rights = EphemeralTcpdump.container(NAME, "tools:2").getSecurityContext();

    assertEquals(List.of("ALL"), rights.getCapabilities().getDrop());
    assertEquals(
        Set.of("NET_RAW", "SETUID", "SETGID", "KILL"),
        Set.copyOf(rights.getCapabilities().getAdd()));
    assertEquals(false, rights.getAllowPrivilegeEscalation());
  }
}
