// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.wire;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.fabric8.kubernetes.api.model.EphemeralContainer;
import io.fabric8.kubernetes.api.model.EphemeralContainerBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.mtlsmigration.e2e.TestCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which containers a stolen token of the service's account adds to pods: its own, and no other. */
final class EphemeralAdmissionAttackE2E {

  @RegisterExtension static final TestCluster CLUSTER = TestCluster.withIstio().withService();

  private static final Path COMPONENT = Path.of("k8s/components/ephemeral-containers");
  private static final String IMAGE = "example.org/tcpdump:1";

  /** What was added before the policy was in force: none is taken out again. */
  private static final AtomicInteger EARLY = new AtomicInteger();

  private static KubernetesClient service;

  @BeforeAll
  static void standsByAPod() throws IOException {
    CLUSTER.namespace("victim", Map.of());
    CLUSTER.kubectl().apply(Files.readString(COMPONENT.resolve("rbac.yaml")));
    CLUSTER
        .kubectl()
        .apply(
            Files.readString(COMPONENT.resolve("admission.yaml"))
                .replace("expression: \"''\"", "expression: \"'" + IMAGE + "'\""));
    CLUSTER
        .kubectl()
        .apply(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: victim, namespace: victim}
            spec:
              schedulerName: nobody
              containers: [{name: app, image: app}]
            """);
    service = CLUSTER.service().client();
    await("the policy is in force")
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                added("early-" + EARLY.incrementAndGet(), one -> one.withImage("other"))
                    .contains(IMAGE));
  }

  @AfterAll
  static void close() {
    if (service != null) {
      service.close();
    }
  }

  /** What the API server says to it; empty when it was taken. */
  private static String added(String name, UnaryOperator<EphemeralContainerBuilder> change) {
    EphemeralContainer container =
        change
            .apply(new EphemeralContainerBuilder(EphemeralTcpdump.container(name, IMAGE)))
            .build();
    try {
      service
          .pods()
          .inNamespace("victim")
          .withName("victim")
          .ephemeralContainers()
          .edit(
              pod ->
                  new PodBuilder(pod)
                      .editSpec()
                      .addToEphemeralContainers(container)
                      .endSpec()
                      .build());
      return "";
    } catch (KubernetesClientException e) {
      return String.valueOf(e.getMessage());
    }
  }

  static Stream<Arguments> others() {
    return Stream.of(
        row("another image", one -> one.withImage("evil")),
        row("another command", one -> one.withCommand("sh", "-c", "id")),
        row("arguments", one -> one.withArgs("1")),
        row("a longer life", one -> one.withCommand("sleep", "infinity")),
        row("the processes of another", one -> one.withTargetContainerName("app")),
        row("input", one -> one.withStdin(true)),
        row("variables", one -> one.addNewEnv().withName("LD_PRELOAD").withValue("x").endEnv()),
        row("no context", one -> one.withSecurityContext(null)),
        row(
            "all of the node",
            one ->
                one.editSecurityContext()
                    .withAllowPrivilegeEscalation(true)
                    .withPrivileged(true)
                    .endSecurityContext()),
        row(
            "a capability",
            one ->
                one.editSecurityContext()
                    .editCapabilities()
                    .addToAdd("SYS_ADMIN")
                    .endCapabilities()
                    .endSecurityContext()),
        row(
            "those that containers have",
            one ->
                one.editSecurityContext()
                    .editCapabilities()
                    .withDrop()
                    .endCapabilities()
                    .endSecurityContext()),
        row(
            "every system call",
            one ->
                one.editSecurityContext()
                    .editSeccompProfile()
                    .withType("Unconfined")
                    .endSeccompProfile()
                    .endSecurityContext()));
  }

  private static Arguments row(String what, UnaryOperator<EphemeralContainerBuilder> change) {
    return argumentSet(what, change);
  }

  @ParameterizedTest
  @MethodSource("others")
  void addsNoOtherContainer(UnaryOperator<EphemeralContainerBuilder> change) {
    String said = added("mtls-migration-wire-evil", change);

    assertTrue(said.contains("denied request: the service"), said);
  }

  @Test
  void addsNoneOfAnotherName() {
    String said = added("evil", one -> one);

    assertTrue(said.contains("denied request: the service"), said);
  }

  @Test
  void addsItsOwn() {
    assertEquals("", added("mtls-migration-wire-0", one -> one));
  }
}
