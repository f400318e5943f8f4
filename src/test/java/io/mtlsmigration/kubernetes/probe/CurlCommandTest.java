// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.probe;

import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.probe.ProbeTarget;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CurlCommandTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Service HTTPBIN = service("httpbin").port(8000, 8080).build("foo");
  private static final Service HEADLESS =
      service("httpbin").headless().port(8080, 8080).build("foo");

  static Stream<Arguments> urls() {
    return Stream.of(
        port("http", "http-web", "", 8000, "--http1.1", "http://httpbin.foo.svc:8000/"),
        port("without a name", "", "", 8000, "--http1.1", "http://httpbin.foo.svc:8000/"),
        port("gRPC", "grpc", "", 9000, "--http2-prior-knowledge", "http://httpbin.foo.svc:9000/"),
        port("gRPC web", "grpc-web-1", "", 9000, "--http1.1", "http://httpbin.foo.svc:9000/"),
        port(
            "appProtocol before the name",
            "http",
            "kubernetes.io/h2c",
            80,
            "--http2-prior-knowledge",
            "http://httpbin.foo.svc:80/"),
        port("https", "https", "", 443, "--insecure", "https://httpbin.foo.svc:443/"),
        port("TLS", "tls-x", "", 443, "--insecure", "gophers://httpbin.foo.svc:443/_%0d%0a%0d%0a"),
        port("TCP", "tcp", "", 9, "--max-time", "gopher://httpbin.foo.svc:9/_%0d%0a%0d%0a"),
        port(
            "SMTP by its number",
            "mail",
            "",
            25,
            "--max-time",
            "gopher://httpbin.foo.svc:25/_%0d%0a%0d%0a"));
  }

  private static Arguments port(
      String what, String name, String appProtocol, int number, String option, String url) {
    return argumentSet(
        what, new ServicePort(name, number, "TCP", appProtocol, "8080", 0), option, url);
  }

  @ParameterizedTest
  @MethodSource("urls")
  void speaksAsThePortDoes(ServicePort port, String option, String url) {
    CurlCommand command = command(target(pod("curl"), port, backend("10.0.0.1", 8080)));

    assertEquals(url, command.arguments().getLast());
    assertTrue(command.arguments().contains(option), command.arguments().toString());
  }

  /** By HTTP/2 they would share one connection, and come to one endpoint. */
  @Test
  void severalCallsByHttpsUseConnectionsOfTheirOwn() {
    ServicePort port = new ServicePort("https", 443, "TCP", "", "8080", 0);

    List<String> arguments =
        command(
                target(
                    sidecarPod("curl"), port, backend("10.0.0.1", 8080), backend("10.0.0.2", 8080)))
            .arguments();

    assertTrue(arguments.contains("--http1.1"), arguments.toString());
    assertTrue(arguments.contains("--insecure"), arguments.toString());
  }

  @Test
  void isOneProgramWithArgumentsThatNoConfigurationChanges() {
    List<String> arguments =
        command(target(pod("curl"), http(), backend("10.0.0.1", 8080))).arguments();

    // curl reads no .curlrc only when told so first.
    assertEquals(List.of("curl", "--disable"), arguments.subList(0, 2));
    assertEquals("*", after(arguments, "--noproxy"));
    assertEquals("5.000", after(arguments, "--max-time"));
    assertEquals("3.000", after(arguments, "--connect-timeout"));
    assertFalse(arguments.contains("--location"));
  }

  /** Servers' logs show the port; a proxy would connect from another one. */
  @Test
  void comesFromPortsThatNobodyElseUsesWhereNoProxyStandsBetween() {
    List<String> bare = command(target(pod("curl"), http(), backend("10.0.0.1", 8080))).arguments();
    List<String> proxied =
        command(target(sidecarPod("curl"), http(), backend("10.0.0.1", 8080))).arguments();

    assertEquals("61000-65535", after(bare, "--local-port"));
    assertFalse(proxied.contains("--local-port"));
  }

  @Test
  void comesFromThePortThatIsItsOwn() {
    ProbeTarget target = target(pod("curl"), http(), backend("10.0.0.1", 8080));

    List<String> command = CurlCommand.of(target, 61_234, TIMEOUT, "mark").arguments();

    assertEquals("61234", after(command, "--local-port"));
  }

  static Stream<Arguments> ways() {
    return Stream.of(
        argumentSet("no proxy", pod("curl"), false, "::10.0.0.1:8080"),
        argumentSet("ztunnel", ambientPod("curl"), false, "::10.0.0.1:8080"),
        argumentSet("a sidecar", sidecarPod("curl"), false, ""),
        argumentSet("a sidecar, headless", sidecarPod("curl"), true, "::10.0.0.1:8080"));
  }

  /** To a sidecar, the address of a pod is a destination that it does not know. */
  @ParameterizedTest
  @MethodSource("ways")
  void addressesTheEndpointOnlyWhereTheCallStaysTheSame(
      PodBuilder client, boolean headless, String connectTo) {
    ServicePort port = new ServicePort("http", 8080, "TCP", "", "8080", 0);
    Service service = headless ? HEADLESS : HTTPBIN;

    List<String> arguments =
        command(new ProbeTarget(client.build("foo"), service, port, backend("10.0.0.1", 8080)))
            .arguments();

    assertEquals(connectTo, after(arguments, "--connect-to"));
  }

  @Test
  void bracketsAddressesOfIpv6() {
    CurlCommand command = command(target(pod("curl"), http(), backend("fd00::1", 8080)));

    assertEquals("::[fd00::1]:8080", after(command.arguments(), "--connect-to"));
  }

  @Test
  void callsAServiceOftenEnoughToComeToEachEndpoint() {
    CurlCommand command =
        command(
            target(
                sidecarPod("curl"), http(), backend("10.0.0.1", 8080), backend("10.0.0.2", 8080)));

    assertEquals(8, urls(command));
    assertTrue(command.arguments().contains("--fail-early"));
  }

  /** Each of these may last as long as silence is waited for. */
  @Test
  void fitsCallsThatWaitForSilenceIntoTheTimeout() {
    ServicePort tcp = new ServicePort("tcp", 9000, "TCP", "", "9000", 0);

    CurlCommand command =
        command(
            target(sidecarPod("curl"), tcp, backend("10.0.0.1", 9000), backend("10.0.0.2", 9000)));

    assertEquals(5, urls(command));
    assertEquals("1.000", after(command.arguments(), "--max-time"));
    // The end of a silent call is an error to curl; the next call has to follow.
    assertFalse(command.arguments().contains("--fail-early"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "localhost",
        "10.0.0.1 -o /etc/passwd",
        "10.0.0.1:80",
        "010.0.0.1",
        "-K/etc/passwd",
        "::1\n::2",
        "x:y:z"
      })
  void probesNoEndpointThatIsNoAddress(String ip) {
    assertNotNull(obstacle(target(pod("curl"), http(), backend(ip, 8080)), ProbeOptions.DEFAULT));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 65_536})
  void probesNoPortThatIsNone(int port) {
    assertNotNull(
        obstacle(target(pod("curl"), http(), backend("10.0.0.1", port)), ProbeOptions.DEFAULT));
  }

  @Test
  void probesNoServiceWhoseNameIsNone() {
    Service odd = service("a;b").port(80, 80).build("foo");

    ProbeTarget target =
        new ProbeTarget(pod("curl").build("foo"), odd, http(), backend("10.0.0.1", 80));

    assertNotNull(obstacle(target, ProbeOptions.DEFAULT));
  }

  @Test
  void leavesMySqlAlone() {
    ServicePort named = new ServicePort("mysql", 33_060, "TCP", "", "33060", 0);
    ServicePort numbered = new ServicePort("tcp-db", 80, "TCP", "", "3306", 0);

    assertNotNull(
        obstacle(target(pod("curl"), named, backend("10.0.0.1", 1)), ProbeOptions.DEFAULT));
    assertNotNull(
        obstacle(target(pod("curl"), numbered, backend("10.0.0.1", 1)), ProbeOptions.DEFAULT));
  }

  @Test
  void leavesPortsWithoutHttpAloneWhenTold() {
    ServicePort tcp = new ServicePort("tcp", 9000, "TCP", "", "9000", 0);
    ProbeOptions httpOnly = new ProbeOptions("curl", false);

    assertNotNull(obstacle(target(pod("curl"), tcp, backend("10.0.0.1", 9000)), httpOnly));
    assertNull(obstacle(target(pod("curl"), http(), backend("10.0.0.1", 8080)), httpOnly));
  }

  /** A sidecar listens for the Service's port, which nothing translates. */
  @Test
  void cannotCallAHeadlessServiceAtAPortThatItsPodsDoNotHave() {
    ProbeTarget target =
        new ProbeTarget(
            sidecarPod("curl").build("foo"), HEADLESS, http(), backend("10.0.0.1", 8080));

    assertNotNull(obstacle(target, ProbeOptions.DEFAULT));
  }

  private static CurlCommand command(ProbeTarget target) {
    assertNull(obstacle(target, ProbeOptions.DEFAULT));
    return CurlCommand.of(target, 0, TIMEOUT, "mark");
  }

  private static @Nullable String obstacle(ProbeTarget target, ProbeOptions options) {
    return CurlCommand.obstacle(target, options);
  }

  private static String after(List<String> arguments, String option) {
    int at = arguments.indexOf(option);
    return at < 0 ? "" : arguments.get(at + 1);
  }

  private static long urls(CurlCommand command) {
    return command.arguments().stream().filter(a -> a.contains("://")).count();
  }

  private static ServicePort http() {
    return new ServicePort("http", 8000, "TCP", "", "8080", 0);
  }

  private static Backend backend(String ip, int port) {
    return new Backend(null, ip, port, true);
  }

  private static ProbeTarget target(PodBuilder client, ServicePort port, Backend... backends) {
    return new ProbeTarget(client.build("foo"), HTTPBIN, port, List.of(backends));
  }
}
