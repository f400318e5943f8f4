// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.probe;

import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.mtls.Prediction;
import io.mtlsmigration.mtls.Reach;
import io.mtlsmigration.mtls.Reachability;
import org.jspecify.annotations.Nullable;

/**
 * The predicted result of a probe. Where it may go to several endpoints the worst is expected, as
 * the worst call decides the outcome of the probe.
 *
 * @param clientTls what the client sends; to several endpoints the weakest that a server behind a
 *     proxy gets, because servers without a proxy accept plaintext in any mode
 * @param answererTold whether an answer tells if the client's own proxy has made it
 */
public record Expectation(ProbeOutcome outcome, ClientTls clientTls, boolean answererTold) {

  public static Expectation of(ProbeTarget target, Reachability reachability) {
    boolean through = true;
    ClientTls toAny = ClientTls.ISTIO_MUTUAL;
    @Nullable ClientTls toCaptured = null;
    for (Backend backend : target.backends()) {
      Prediction prediction =
          reachability.predict(target.client(), target.service(), target.port(), backend);
      through &= prediction.reach() == Reach.OK;
      toAny = weaker(toAny, prediction.clientTls());
      Pod pod = backend.pod();
      if (pod != null && pod.dataPlane().captured()) {
        toCaptured =
            toCaptured == null
                ? prediction.clientTls()
                : weaker(toCaptured, prediction.clientTls());
      }
    }
    return new Expectation(
        through ? ProbeOutcome.OK : ProbeOutcome.REFUSED,
        toCaptured == null ? toAny : toCaptured,
        reachability.debugHeaders() && !target.client().setsDebugHeaders());
  }

  /** Returns the expectation for a client that has to get through, whatever its configuration. */
  public Expectation through() {
    return new Expectation(ProbeOutcome.OK, clientTls, answererTold);
  }

  private static ClientTls weaker(ClientTls a, ClientTls b) {
    return a.compareTo(b) >= 0 ? a : b;
  }
}
