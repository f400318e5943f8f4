// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.istiod;

import io.mtlsmigration.kubernetes.forward.FormatException;
import io.mtlsmigration.kubernetes.forward.PortException;
import io.mtlsmigration.kubernetes.forward.StatusException;
import io.mtlsmigration.kubernetes.forward.TooLongException;
import io.mtlsmigration.mesh.ObjectRef;
import java.io.IOException;
import java.time.Duration;

/**
 * An istiod that could not be queried.
 *
 * @param detail the cause and the remedy
 */
record Gap(ObjectRef pod, String detail) {

  static Gap late(ObjectRef pod, Duration timeout) {
    return new Gap(
        pod,
        "it did not answer within "
            + timeout.toMillis()
            + " ms; if its page is that long, raise mtls-migration.istiod.timeout");
  }

  static Gap silentOnZtunnels(ObjectRef pod) {
    return new Gap(
        pod, "it is of a release that does not show what ztunnels acknowledge; upgrade istiod");
  }

  static Gap of(ObjectRef pod, IOException failure) {
    String said = String.valueOf(failure.getMessage());
    return new Gap(
        pod,
        switch (failure) {
          case PortException refused -> refused(pod, refused.code(), said);
          case StatusException answered -> answered(answered.code());
          case TooLongException tooLong ->
              "its answer is too long ("
                  + said
                  + "); raise mtls-migration.istiod.max-bytes if it has so many proxies";
          case FormatException misunderstood ->
              "its answer was not understood: "
                  + said
                  + "; see whether this release of Istio is"
                  + " supported";
          default -> "the connection to it failed (" + said + "); it is tried again";
        });
  }

  private static String refused(ObjectRef pod, int code, String said) {
    return switch (code) {
      case 401 ->
          "the API server does not accept the service's credentials ("
              + said
              + "): check its token or client certificate";
      case 403 ->
          "the service may not forward a port to it ("
              + said
              + "): grant the verbs get and create on pods/portforward by a Role in the namespace "
              + pod.namespace();
      case 404 -> "the pod is gone (" + said + ")";
      default ->
          ("port %s cannot be reached (%s): see whether the pod runs and its node answers the API"
                  + " server")
              .formatted(DebugPage.PORT, said);
    };
  }

  private static String answered(int code) {
    return switch (code) {
      case 401, 403 ->
          "it answered HTTP "
              + code
              + ": its debug pages are closed even to its own host; see what stands between";
      case 404 -> "it answered HTTP 404: set ENABLE_DEBUG_ON_HTTP=true on istiod";
      default -> "it answered HTTP " + code + "; see its log";
    };
  }
}
