// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.wire;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.mtlsmigration.wire.WireFailureCode;
import io.mtlsmigration.wire.WireTap;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Takes captures by exec of tcpdump in the proxy's container, or in an ephemeral one where that is
 * allowed. Needs {@code get} on pods, {@code get} and {@code create} on pods/exec (WebSocket needs
 * the one, newer API servers the other as well); for ephemeral containers {@code patch} on
 * pods/ephemeralcontainers, and {@code list} and {@code watch} on pods.
 */
public final class ExecWireTap implements WireTap {

  private static final Logger LOG = Logger.getLogger(ExecWireTap.class);

  private static final String PROXY = "istio-proxy";

  /** The time that tcpdump may take to begin and to end, beyond that of the capture. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  /** Failures of the proxy's container that another container may not have. */
  private static final Set<WireFailureCode> OF_THE_PROXY =
      Set.of(WireFailureCode.NO_PROXY, WireFailureCode.NO_TCPDUMP, WireFailureCode.NOT_PRIVILEGED);

  private final KubernetesClient client;
  private final WireOptions options;

  public ExecWireTap(KubernetesClient client, WireOptions options) {
    this.client = client;
    this.options = options;
  }

  @Override
  public Capture capture(Target target, Bounds bounds) {
    Capture capture = attempt(target, bounds);
    if (capture instanceof Capture.NotPossible not) {
      LOG.infof(
          "Capture not possible namespace=%s pod=%s code=%s reason=%s",
          target.pod().namespace(),
          target.pod().name(),
          not.failure().code(),
          not.failure().reason());
    }
    return capture;
  }

  private Capture attempt(Target target, Bounds bounds) {
    try {
      Pod pod =
          client.pods().inNamespace(target.pod().namespace()).withName(target.pod().name()).get();
      if (pod == null || pod.getStatus().getPodIPs().isEmpty()) {
        return Capture.NotPossible.of(
            WireFailureCode.POD_GONE,
            "pod " + target.pod().name() + " does not run",
            "Name another pod, or the workload");
      }
      return new Attempt(pod, target, bounds).make();
    } catch (KubernetesClientException e) {
      return new Capture.NotPossible(
          CaptureErrors.understood(e, "a capture in pod " + target.pod().name()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Capture.NotPossible.of(
          WireFailureCode.UNREACHABLE, "the service is stopping", "Try again when it has started");
    }
  }

  /** One capture in one pod. */
  private final class Attempt {
    private final Pod pod;
    private final Target target;
    private final Bounds bounds;
    private final List<String> tcpdump;

    Attempt(Pod pod, Target target, Bounds bounds) {
      this.pod = pod;
      this.target = target;
      this.bounds = bounds;
      List<String> addresses = pod.getStatus().getPodIPs().stream().map(PodIP::getIp).toList();
      this.tcpdump = Tcpdump.command(options, addresses, target.ports(), bounds);
    }

    Capture make() throws InterruptedException {
      Capture capture = inProxy();
      if (capture instanceof Capture.NotPossible not
          && OF_THE_PROXY.contains(not.failure().code())
          && options.ephemeralImage().isPresent()) {
        return inEphemeral(options.ephemeralImage().get());
      }
      return capture;
    }

    private Capture inProxy() throws InterruptedException {
      if (!hasProxy()) {
        return Capture.NotPossible.of(
            WireFailureCode.NO_PROXY,
            "pod " + target.pod().name() + " has no container " + PROXY,
            "Look at a pod with a sidecar, or allow ephemeral containers"
                + " (mtls-migration.wire.ephemeral-image)");
      }
      Execution execution = run(PROXY, Tcpdump.withSudo(tcpdump));
      if (CaptureErrors.missSudo(execution.complaints())) {
        execution = run(PROXY, tcpdump);
      }
      return understood(execution, PROXY);
    }

    /** Returns whether the pod has a proxy, as a container or as a native sidecar. */
    private boolean hasProxy() {
      return Stream.concat(
              pod.getSpec().getContainers().stream(), pod.getSpec().getInitContainers().stream())
          .map(Container::getName)
          .anyMatch(PROXY::equals);
    }

    private Capture inEphemeral(String image) throws InterruptedException {
      Optional<String> container = new EphemeralTcpdump(client, image).containerIn(pod);
      if (container.isEmpty()) {
        return Capture.NotPossible.of(
            WireFailureCode.UNREACHABLE,
            "the ephemeral container with image " + image + " does not start",
            "See in the pod's status why; it may be that the image cannot be pulled");
      }
      return understood(run(container.get(), tcpdump), container.get());
    }

    private Execution run(String container, List<String> command) throws InterruptedException {
      return Execution.run(
          client,
          pod,
          container,
          command,
          new Execution.Bounds(bounds.duration().plus(GRACE), options.maxBytes()));
    }

    private Capture understood(Execution execution, String container) {
      return new CaptureReader(target.ports(), bounds)
          .read(execution.ended(), container, bounds.duration().plus(GRACE));
    }
  }
}
