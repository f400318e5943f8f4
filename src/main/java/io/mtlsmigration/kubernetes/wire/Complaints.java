package io.mtlsmigration.kubernetes.wire;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.mtlsmigration.wire.WireFailure;
import io.mtlsmigration.wire.WireFailureCode;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Understands why a command in a pod did not capture, and says what helps. */
final class Complaints {

  private static final int LONGEST = 300;

  private static final Pattern MISSING =
      Pattern.compile(
          "executable file not found|: not found|command not found|no such file or directory"
              + "|stat .*: no");
  private static final Pattern SUDO_REFUSED =
      Pattern.compile("(?m)^sudo: |not in the sudoers|not allowed to execute");
  private static final Pattern NOT_ALLOWED =
      Pattern.compile("permission to capture|operation not permitted|permission denied");
  private static final Pattern NO_DEVICE =
      Pattern.compile("no such device|siocgif|doesn't exist|not up");
  private static final Pattern NOT_RUNNING =
      Pattern.compile("container not found|container .*not (running|created)|is not valid for pod");
  private static final Pattern DROPPED = Pattern.compile("(\\d+) packets? dropped by kernel");

  private Complaints() {}

  /**
   * True when sudo itself is what is missing: the container may be root without it. The name stands
   * in the quotes of runc or those of crun.
   */
  static boolean missSudo(String complaints) {
    String lower = complaints.toLowerCase(Locale.ROOT);
    return MISSING.matcher(lower).find()
        && (lower.contains("\"sudo\"") || lower.contains("`sudo`"));
  }

  /** Packets that the kernel had no room for, as tcpdump counts them when it ends. */
  static int dropped(String complaints) {
    Matcher matcher = DROPPED.matcher(complaints);
    if (!matcher.find()) {
      return 0;
    }
    try {
      return Integer.parseInt(matcher.group(1));
    } catch (NumberFormatException e) {
      return Integer.MAX_VALUE; // whatever the pod says, it is many
    }
  }

  /** Of a command that ended without a capture. */
  static WireFailure understood(String complaints, String container) {
    String lower = complaints.toLowerCase(Locale.ROOT);
    if (NOT_RUNNING.matcher(lower).find()) {
      return new WireFailure(
          WireFailureCode.POD_GONE, shortened(complaints), "Try again when the pod runs");
    }
    if (MISSING.matcher(lower).find()) {
      return new WireFailure(
          WireFailureCode.NO_TCPDUMP,
          "container " + container + " has no tcpdump: " + shortened(complaints),
          "Use Istio's image that is not distroless, or allow ephemeral containers"
              + " (mtls-migration.wire.ephemeral-image)");
    }
    if (SUDO_REFUSED.matcher(lower).find() || NOT_ALLOWED.matcher(lower).find()) {
      return new WireFailure(
          WireFailureCode.NOT_PRIVILEGED,
          "tcpdump may not listen in container " + container + ": " + shortened(complaints),
          "Install Istio with values.global.proxy.privileged=true and restart the pod, or allow"
              + " ephemeral containers (mtls-migration.wire.ephemeral-image)");
    }
    if (NO_DEVICE.matcher(lower).find()) {
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

  /** Of a call that Kubernetes did not take. */
  static WireFailure understood(KubernetesClientException e, String what) {
    String message = shortened(String.valueOf(e.getMessage()));
    if (NOT_RUNNING.matcher(message.toLowerCase(Locale.ROOT)).find()) {
      return understood(message, ""); // the kubelet's word, whatever code the API server gives it
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
    String line = text.strip().replaceAll("\\s*\\R\\s*", "; ");
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
  }
}
