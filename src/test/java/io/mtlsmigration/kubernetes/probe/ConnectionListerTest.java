// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.kubernetes.probe.ConnectionLister.Listing;
import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.testing.ApiClients;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What lasts lets the gate go on; anything else holds it. */
final class ConnectionListerTest {

  private static final Pod POD = MeshBuilders.sidecarPod("httpbin").build("foo");

  @ParameterizedTest
  @CsvSource({
    "403, true",
    "422, true",
    "400, true",
    "429, false",
    "404, false",
    "500, false",
    "401, false",
    "501, true"
  })
  void tellsWhichRefusalsOfExecLast(int status, boolean lasts) throws IOException {
    try (Api api = new Api(status);
        ConnectionLister lister = new ConnectionLister(api.client, "curl")) {
      Listing listing = lister.list(POD, Set.of("x"));

      assertEquals(lasts, ((Listing.None) listing).lasting(), listing.toString());
    }
  }

  /** The proxy has no curl: which container might, the API server has to say. */
  @ParameterizedTest
  @CsvSource({"403, true", "404, false", "500, false"})
  void tellsWhichFailuresToFindAnotherContainerLast(int status, boolean lasts) throws IOException {
    try (Api api = new Api(status)) {
      ClientContainers.Choice choice = new ClientContainers(api.client, "curl").of(POD);

      assertEquals(lasts, ((ClientContainers.Choice.None) choice).lasting(), choice.toString());
    }
  }

  private static final String HEAD = "  sl  local_address rem_address   st tx_queue\n";
  private static final String ROW =
      "   0: 00000000:3A9E 00000000:0000 0A 00000000:00000000 00:00000000\n";

  /** curl was killed, as for want of memory, or lost whoever reads what it writes. */
  @ParameterizedTest
  @CsvSource({"137, false", "143, false", "23, false", "27, false", "2, true", "37, true"})
  void tellsWhichEndsOfCurlLast(int code, boolean lasts) throws IOException {
    Listing listing = listed(code, "");

    assertEquals(lasts, ((Listing.None) listing).lasting(), listing.toString());
  }

  /** As curl says it after a table. */
  private static String whole(String table) {
    return table + "whole " + table.length() + "\n";
  }

  /** Without IPv6 there is no second table; with it, both belong to the list. */
  @Test
  void takesTablesThatAreWhole() throws IOException {
    assertEquals(new Listing.Tables(HEAD + ROW + HEAD), listed(0, whole(HEAD + ROW) + whole(HEAD)));
    assertEquals(new Listing.Tables(HEAD + ROW), listed(37, whole(HEAD + ROW) + "whole 0\n"));
  }

  static Stream<Arguments> cut() {
    return Stream.of(
        argumentSet("within a line", 0, whole(HEAD + ROW) + HEAD + ROW.substring(9)),
        argumentSet("at a line's end", 0, whole(HEAD + ROW) + HEAD + ROW),
        argumentSet("after the first table", 0, whole(HEAD + ROW)),
        argumentSet("in the middle", 0, HEAD + "whole 500\n" + whole(HEAD + ROW)),
        argumentSet("in the one table", 37, HEAD + ROW),
        argumentSet("with the first table", 0, "whole 0\n" + whole(HEAD + ROW)));
  }

  @ParameterizedTest
  @MethodSource("cut")
  void takesNoTablesThatWereCutOff(int code, String text) throws IOException {
    Listing cut = listed(code, text);

    assertFalse(assertInstanceOf(Listing.None.class, cut).lasting(), cut.toString());
  }

  /** There is a second table, which could not be opened for another reason. */
  @Test
  void takesNoTableAloneOfAPodWithAnAddressOfEitherFamily() throws IOException {
    Pod both = MeshBuilders.sidecarPod("httpbin").ip("10.0.0.1").otherIps("fd00::1").build("foo");

    Listing listing = listed(both, 37, whole(HEAD + ROW) + "whole 0\n");

    assertFalse(assertInstanceOf(Listing.None.class, listing).lasting(), listing.toString());
  }

  @Test
  void leavesOutWhatHasEnded() throws IOException {
    String ended = ROW.replace(" 0A ", " 06 ");

    assertEquals(
        new Listing.Tables(HEAD + ROW + HEAD), listed(0, whole(HEAD + ended + ROW) + whole(HEAD)));
  }

  /** Whoever runs a pod decides what it prints as its connections. */
  @Test
  void keepsNoMoreLinesThanAreFollowed() throws IOException {
    Listing listing = listed(0, whole(HEAD + ROW.repeat(200_000)) + whole(HEAD));

    Listing.None none = assertInstanceOf(Listing.None.class, listing);
    assertFalse(none.lasting());
    assertTrue(none.reason().contains("followed"), none.reason());
  }

  /** Lists the connections of a pod where curl prints a text and ends with a code. */
  private static Listing listed(int code, String text) throws IOException {
    return listed(POD, code, text);
  }

  private static Listing listed(Pod pod, int code, String text) throws IOException {
    try (ServerSocket api = new ServerSocket(0, 9, InetAddress.getLoopbackAddress());
        KubernetesClient client = client(api.getLocalPort());
        ConnectionLister lister = new ConnectionLister(client, "curl")) {
      Thread.ofVirtual().start(() -> exec(api, code, text));
      return lister.list(pod, Set.of(":3A9E "));
    }
  }

  private static void exec(ServerSocket api, int code, String text) {
    try (ExecSession session = ExecSession.accept(api)) {
      for (int at = 0; at < text.length(); at += 30_000) {
        session.send(ExecSession.STDOUT, text.substring(at, Math.min(text.length(), at + 30_000)));
      }
      session.send(
          ExecSession.STATUS,
          code == 0
              ? "{\"status\":\"Success\"}"
              : "{\"status\":\"Failure\",\"reason\":\"NonZeroExitCode\",\"details\":{\"causes\":"
                  + "[{\"reason\":\"ExitCode\",\"message\":\""
                  + code
                  + "\"}]}}");
      session.awaitEnd();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Answers everything with one status. */
  private static final class Api implements AutoCloseable {
    private final HttpServer server;
    private final KubernetesClient client;

    Api(int status) throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/",
          call -> {
            call.sendResponseHeaders(status, -1);
            call.close();
          });
      server.start();
      client = client(server.getAddress().getPort());
    }

    @Override
    public void close() {
      client.close();
      server.stop(0);
    }
  }

  private static KubernetesClient client(int port) {
    return ApiClients.of(port);
  }
}
