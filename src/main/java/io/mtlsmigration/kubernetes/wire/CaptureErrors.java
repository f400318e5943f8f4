// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.wire;

import static java.util.stream.Collectors.joining;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.mtlsmigration.wire.WireFailure;
import io.mtlsmigration.wire.WireFailureCode;
import java.util.List;
import java.util.Locale;

/** Explains why a command in a pod did not capture, with a remedy. */
final class CaptureErrors {

  private static final int LONGEST = 300;

  private static final List<String> MISSING =
      List.of(
          "executable file not found",
          ": not found",
          "command not found",
          "no such file or directory");

  private static final List<String> SUDO_REFUSED =
      List.of("\nsudo: ", "not in the sudoers", "not allowed to execute");

  private static final List<String> NOT_ALLOWED =
      List.of("permission to capture", "operation not permitted", "permission denied");

  private static final List<String> NO_DEVICE =
      List.of("no such device", "siocgif", "doesn't exist", "not up");

  private static final List<String> NOT_RUNNING =
      List.of("container not found", "is not valid for pod");

  /** The message of a tcpdump that listens, but may not become another user or drop its groups. */
  private static final String STAYS_ROOT = "couldn't change to";

  private static final String DROPPED = " dropped by kernel";

  private CaptureErrors() {}

  /**
   * Returns whether sudo itself is missing: the container may be root without it. The name is in
   * the quotes of runc or those of crun.
   */
  static boolean missSudo(String complaints) {
    String lower = complaints.toLowerCase(Locale.ROOT);
    return says(lower, MISSING) && (lower.contains("\"sudo\"") || lower.contains("`sudo`"));
  }

  /** Returns the number of packets that the kernel dropped, which tcpdump prints when it ends. */
  static int dropped(String complaints) {
    int end = complaints.indexOf(DROPPED);
    int digits = end < 0 ? 0 : complaints.lastIndexOf(" packet", end);
    int start = digits;
    while (start > 0 && isDigit(complaints.charAt(start - 1))) {
      start--;
    }
    if (start >= digits) {
      return 0;
    }
    try {
      return Integer.parseInt(complaints.substring(start, digits));
    } catch (NumberFormatException e) {
      return Integer.MAX_VALUE; // the pod's number is too large to parse
    }
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean says(String lower, List<String> words) {
    return words.stream().anyMatch(lower::contains);
  }

  /** Recognizes the kubelet's message about a container that has not started, or has ended. */
  private static boolean notRunning(String lower) {
    int container = lower.indexOf("container ");
    return says(lower, NOT_RUNNING)
        || (container >= 0
            && (lower.indexOf("not running", container) >= 0
                || lower.indexOf("not created", container) >= 0));
  }

  /** Returns the failure of a command that ended without a capture. */
  static WireFailure understood(String complaints, String container) {
    String lower = complaints.toLowerCase(Locale.ROOT);
    if (notRunning(lower)) {
      return new WireFailure(
          WireFailureCode.POD_GONE, shortened(complaints), "Try again when the pod runs");
    }
    if (says(lower, MISSING)) {
      return new WireFailure(
          WireFailureCode.NO_TCPDUMP,
          "container " + container + " has no tcpdump: " + shortened(complaints),
          "Use Istio's image that is not distroless, or allow ephemeral containers"
              + " (mtls-migration.wire.ephemeral-image)");
    }
    if (lower.contains(STAYS_ROOT)) {
      return new WireFailure(
          WireFailureCode.NOT_PRIVILEGED,
          "tcpdump cannot give up root in container " + container + ": " + shortened(complaints),
          "Let the container have the capabilities SETUID and SETGID beside NET_RAW, or allow"
              + " ephemeral containers (mtls-migration.wire.ephemeral-image)");
    }
    if (says("\n" + lower, SUDO_REFUSED) || says(lower, NOT_ALLOWED)) {
      return new WireFailure(
          WireFailureCode.NOT_PRIVILEGED,
          "tcpdump may not listen in container " + container + ": " + shortened(complaints),
          "Install Istio with values.global.proxy.privileged=true and restart the pod, or allow"
              + " ephemeral containers (mtls-migration.wire.ephemeral-image)");
    }
    if (says(lower, NO_DEVICE)) {
      return new WireFailure(
          WireFailureCode.CAPTURE_FAILED,
          shortened(complaints),
          "Name the pods' network interface in mtls-migration.wire.device");
    }
    return new WireFailure(
        WireFailureCode.CAPTURE_FAILED,
        complaints.isEmpty() ? "tcpdump ended without a capture" : shortened(complaints),
        "See whether tcpdump works there by kubectl exec");
  }

  /** Returns the failure of a command that began a capture, and ended early and empty. */
  static WireFailure died(String complaints, String container) {
    return complaints.isEmpty()
        ? new WireFailure(
            WireFailureCode.CAPTURE_FAILED,
            "tcpdump in container " + container + " ended before its time, and does not say why",
            "Try again; the container may have run out of memory, or been stopped")
        : understood(complaints, container);
  }

  /** Returns the failure of a call that Kubernetes rejected. */
  static WireFailure understood(KubernetesClientException e, String what) {
    String message = shortened(String.valueOf(e.getMessage()));
    if (notRunning(message.toLowerCase(Locale.ROOT))) {
      return understood(message, ""); // the kubelet's message, whatever the status code
    }
    return switch (e.getCode()) {
      case 401, 403 ->
          new WireFailure(
              WireFailureCode.FORBIDDEN,
              what + " is forbidden: " + message,
              "Grant the service's role get and create on pods/exec (and, for ephemeral"
                  + " containers, patch on pods/ephemeralcontainers) there; admission rules may"
                  + " forbid it, too");
      case 404 ->
          new WireFailure(WireFailureCode.POD_GONE, message, "Name another pod, or the workload");
      case 400 -> understood(message, "");
      default ->
          new WireFailure(
              WireFailureCode.UNREACHABLE,
              what + " failed: " + message,
              "Try again when the API server and the pod's node answer");
    };
  }

  private static String shortened(String text) {
    String line = text.lines().map(String::strip).filter(l -> !l.isEmpty()).collect(joining("; "));
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
  }
}
