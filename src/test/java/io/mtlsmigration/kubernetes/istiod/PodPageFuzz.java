// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.istiod;

import io.mtlsmigration.kubernetes.forward.PodPage;
import io.mtlsmigration.mesh.ObjectRef;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Set;

/** What a pod answers that is asked as an istiod: head and pages. */
public final class PodPageFuzz {

  private static final ObjectRef POD = new ObjectRef("Pod", "istio-system", "istiod");
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-06-01T09:00:00Z"), ZoneOffset.UTC);

  private PodPageFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    page(data, json -> SyncPage.read(json, connection -> {}));
    page(data, json -> AmbientPage.read(json, Set.of("foo", "")));
  }

  private static void page(byte[] data, PodPage.Body body) {
    try {
      new PodPage((pod, port, request) -> new ByteArrayInputStream(data), CLOCK, 8080, 1 << 16)
          .read(POD, "/debug", body);
    } catch (IOException e) {
      // Is told, and holds.
    }
  }
}
