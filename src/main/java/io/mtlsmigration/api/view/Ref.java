// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.mesh.ObjectRef;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(description = "Names a Kubernetes object")
public record Ref(
    @Schema(description = "Kubernetes kind") String kind,
    @Schema(description = "Empty for cluster-scoped kinds") String namespace,
    @Schema(description = "Name of the object") String name) {

  public static Ref of(ObjectRef ref) {
    return new Ref(ref.kind(), ref.namespace(), ref.name());
  }

  public static @Nullable Ref ofNullable(@Nullable ObjectRef ref) {
    return ref == null ? null : of(ref);
  }

  public static List<Ref> of(List<ObjectRef> refs) {
    return refs.stream().map(Ref::of).toList();
  }

  /** Returns the kind, and the name as people write it. */
  public String words() {
    return kind + " " + (namespace.isEmpty() ? "" : namespace + "/") + name;
  }
}
