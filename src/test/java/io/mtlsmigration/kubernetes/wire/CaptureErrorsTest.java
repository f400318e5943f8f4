// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.mtlsmigration.wire.WireFailure;
import io.mtlsmigration.wire.WireFailureCode;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class CaptureErrorsTest {

  /** As runc says it by way of containerd, and crun by way of CRI-O. */
  private static String missing(String program) {
    return "error executing command in container: failed to exec in container: failed to start exec"
        + " \"c0ffee\": OCI runtime exec failed: exec failed: unable to start container process:"
        + " exec: \""
        + program
        + "\": executable file not found in $PATH: unknown";
  }

  private static String missingForCrun(String program) {
    return "command terminated with non-zero exit code: exec failed: executable file `"
        + program
        + "` not found in $PATH: No such file or directory";
  }

  static Stream<Arguments> complaints() {
    return Stream.of(
        argumentSet("distroless", missing("timeout"), WireFailureCode.NO_TCPDUMP),
        argumentSet("distroless with crun", missingForCrun("timeout"), WireFailureCode.NO_TCPDUMP),
        argumentSet(
            "coreutils without tcpdump",
            "timeout: failed to run command 'tcpdump': No such file or directory",
            WireFailureCode.NO_TCPDUMP),
        argumentSet(
            "busybox without tcpdump",
            "timeout: can't execute 'tcpdump': No such file or directory",
            WireFailureCode.NO_TCPDUMP),
        argumentSet(
            "sudo without timeout", "sudo: timeout: command not found", WireFailureCode.NO_TCPDUMP),
        argumentSet(
            "sudo that wants a password",
            "sudo: a password is required",
            WireFailureCode.NOT_PRIVILEGED),
        argumentSet(
            "a container that forbids new privileges",
            "sudo: The \"no new privileges\" flag is set, which prevents sudo from running as"
                + " root.",
            WireFailureCode.NOT_PRIVILEGED),
        argumentSet(
            "no capability",
            "tcpdump: eth0: You don't have permission to capture on that device\n"
                + "(socket: Operation not permitted)",
            WireFailureCode.NOT_PRIVILEGED),
        argumentSet(
            "another interface",
            "tcpdump: eth0: No such device exists\n(SIOCGIFHWADDR: No such device)",
            WireFailureCode.CAPTURE_FAILED),
        argumentSet(
            "a container that is not up",
            "container not found (\"istio-proxy\")",
            WireFailureCode.POD_GONE),
        argumentSet(
            "a filter that does not compile",
            "tcpdump: can't parse filter expression: syntax error",
            WireFailureCode.CAPTURE_FAILED),
        argumentSet("not a word", "", WireFailureCode.CAPTURE_FAILED));
  }

  @ParameterizedTest
  @MethodSource("complaints")
  void tellsWhyThereIsNoCapture(String complaints, WireFailureCode code) {
    WireFailure failure = CaptureErrors.understood(complaints, "istio-proxy");

    assertEquals(code, failure.code(), failure::toString);
    assertFalse(failure.reason().isBlank());
    assertFalse(failure.remedy().isBlank());
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        argumentSet("not allowed", 403, "pods \"a\" is forbidden", WireFailureCode.FORBIDDEN),
        argumentSet("not known", 401, "Unauthorized", WireFailureCode.FORBIDDEN),
        argumentSet("gone", 404, "pods \"a\" not found", WireFailureCode.POD_GONE),
        argumentSet(
            "another container",
            400,
            "container istio-proxy is not valid for pod a",
            WireFailureCode.POD_GONE),
        argumentSet(
            "a container that is not up",
            500,
            "unable to upgrade connection: container not found (\"istio-proxy\")",
            WireFailureCode.POD_GONE),
        argumentSet(
            "a node that is gone",
            502,
            "error dialing backend: dial tcp 10.0.0.9:10250: i/o timeout",
            WireFailureCode.UNREACHABLE),
        argumentSet("no answer", 0, "An error has occurred.", WireFailureCode.UNREACHABLE));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void tellsWhatKubernetesSaysOfIt(int code, String message, WireFailureCode expected) {
    WireFailure failure =
        CaptureErrors.understood(new KubernetesClientException(message, code, null), "a capture");

    assertEquals(expected, failure.code(), failure::toString);
    assertTrue(failure.reason().contains(message), failure::reason);
  }

  @Test
  void knowsWhenOnlySudoIsMissing() {
    assertTrue(CaptureErrors.missSudo(missing("sudo")));
    assertTrue(CaptureErrors.missSudo(missingForCrun("sudo")));
    assertFalse(CaptureErrors.missSudo(missing("timeout")));
    assertFalse(CaptureErrors.missSudo("sudo: timeout: command not found"));
    assertFalse(CaptureErrors.missSudo("sudo: a password is required"));
  }

  @Test
  void countsWhatTheKernelDropped() {
    String end = "12 packets captured\n14 packets received by filter\n%s dropped by kernel";

    assertEquals(2, CaptureErrors.dropped(end.formatted("2 packets")));
    assertEquals(1, CaptureErrors.dropped(end.formatted("1 packet")));
    assertEquals(0, CaptureErrors.dropped("tcpdump: listening on eth0"));
    assertEquals(
        Integer.MAX_VALUE, CaptureErrors.dropped(end.formatted("99999999999999999999 packets")));
  }

  @Test
  void shortensWhatAPodSaysToOneLine() {
    WireFailure failure = CaptureErrors.understood("a\n\nb".repeat(300), "istio-proxy");

    assertTrue(failure.reason().startsWith("a; ba; b"), failure::reason);
    assertTrue(failure.reason().length() <= 301);
  }
}
