// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.wire.WireTap;

/** A wire tap that adds a span around each capture. */
record TracedTap(WireTap tap, Spans spans) implements WireTap {

  @Override
  public Capture capture(Target target, Bounds bounds) {
    return spans.within(
        "wire check",
        span -> {
          WorkloadRef workload = target.pod().workload();
          span.setAttribute("k8s.namespace.name", workload.namespace());
          span.setAttribute("k8s.pod.name", target.pod().name());
          Capture capture = tap.capture(target, bounds);
          switch (capture) {
            case Capture.Taken taken -> {
              span.setAttribute("mtls_migration.connections", taken.sightings().size());
              span.setAttribute("mtls_migration.packets", taken.packets());
            }
            case Capture.NotPossible(var failure) -> Spans.failed(span, failure.reason());
          }
          return capture;
        });
  }
}
