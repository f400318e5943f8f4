// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.worklist;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.mtlsmigration.mesh.WorkloadRef;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OwnersTest {

  private final Owners owners =
      new Owners(
          mesh(
              namespace("legacy")
                  .label("owner", "platform")
                  .with(
                      pod("curl").label("team", "a"),
                      pod("both").label("team", "b").label("owner", "c"),
                      pod("plain")),
              namespace("bare").with(pod("plain"), pod("blank").label("owner", " "))),
          List.of("owner", "team"));

  private @Nullable String of(String namespace, String name) {
    return owners.of(new WorkloadRef(namespace, "Deployment", name));
  }

  @ParameterizedTest
  @CsvSource({
    "legacy, curl, a",
    "legacy, both, c",
    "legacy, plain, platform",
    "legacy, gone, platform",
    "bare, plain,",
    "bare, blank,",
    "nowhere, gone,",
  })
  void takesTheFirstLabelOfPodsAndThenOfTheNamespace(
      String namespace, String name, @Nullable String owner) {
    assertEquals(owner, of(namespace, name));
  }

  @Test
  void nobodyOwnsWhoIsNotKnown() {
    assertNull(owners.of(null));
  }
}
