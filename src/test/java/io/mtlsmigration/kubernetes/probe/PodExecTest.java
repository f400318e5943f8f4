// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.testing.ApiClients;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When it is known that a program runs no more. */
final class PodExecTest {

  private final CountDownLatch ended = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  /** The API server's end of the connection was closed. */
  private final CountDownLatch gone = new CountDownLatch(1);

  private volatile boolean endless;

  /** A node that stands still, as seen through the API server: it answers when it may go on. */
  @Test
  void knowsTheEndOfAProgramThatEndsLongAfterItsTime() throws Exception {
    try (ServerSocket api = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        KubernetesClient client = client(api);
        PodExec exec = new PodExec(client)) {
      Thread.ofVirtual().start(() -> serve(api, "{\"status\":\"Success\"}"));

      PodExec.Ending ending = run(exec, Duration.ofMillis(300));

      assertInstanceOf(PodExec.Ending.Overdue.class, ending);
      assertFalse(ended.await(300, TimeUnit.MILLISECONDS));
      goOn.countDown();
      assertTrue(ended.await(20, TimeUnit.SECONDS));
    }
  }

  @Test
  void knowsNoEndWhenTheConnectionBreaks() throws Exception {
    try (ServerSocket api = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        KubernetesClient client = client(api);
        PodExec exec = new PodExec(client)) {
      Thread.ofVirtual().start(() -> serve(api, ""));
      goOn.countDown();

      PodExec.Ending ending = run(exec, Duration.ofSeconds(20));

      assertFalse(assertInstanceOf(PodExec.Ending.NotRun.class, ending).certain());
      assertEquals(1, ended.getCount());
    }
  }

  /** An API server that is away for an hour must not leave thousands whose end nobody knows. */
  @Test
  void knowsThatNothingRunsWhereNobodyListens() throws Exception {
    ServerSocket api = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    api.close();
    try (KubernetesClient client = client(api);
        PodExec exec = new PodExec(client)) {
      PodExec.Ending ending = run(exec, Duration.ofSeconds(20));

      PodExec.Ending.NotRun not = assertInstanceOf(PodExec.Ending.NotRun.class, ending);
      assertTrue(not.certain(), not.reason());
      assertEquals(0, ended.getCount());
    }
  }

  /** Whoever runs a pod decides what runs in it as curl. */
  @Test
  void givesUpAProgramThatPrintsWithoutEnd() throws Exception {
    try (ServerSocket api = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        KubernetesClient client = client(api);
        PodExec exec = new PodExec(client)) {
      endless = true;
      Thread.ofVirtual().start(() -> serve(api, ""));
      goOn.countDown();

      PodExec.Ending ending = run(exec, Duration.ofSeconds(20));

      PodExec.Ending.NotRun not = assertInstanceOf(PodExec.Ending.NotRun.class, ending);
      assertTrue(not.reason().contains("without end"), not.reason());
      assertTrue(gone.await(20, TimeUnit.SECONDS));
    }
  }

  private PodExec.Ending run(PodExec exec, Duration timeout) {
    return exec.run(
        new PodExec.Place("foo", "curl", "curl"),
        List.of("curl"),
        bytes -> {},
        timeout,
        ended::countDown);
  }

  private static KubernetesClient client(ServerSocket api) {
    return ApiClients.of(api.getLocalPort());
  }

  private void serve(ServerSocket api, String status) {
    try (ExecSession session = ExecSession.accept(api)) {
      goOn.await();
      while (endless) {
        session.send(ExecSession.STDOUT, new byte[1_000]);
      }
      if (!status.isEmpty()) {
        session.send(ExecSession.STATUS, status);
        ended.await();
      }
    } catch (IOException | InterruptedException e) {
      gone.countDown(); // else the test says what it misses
    }
  }
}
