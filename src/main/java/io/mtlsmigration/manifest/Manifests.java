// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import java.util.Iterator;
import java.util.List;

/** The objects of one or more sources, in the order in which they were written. */
public record Manifests(List<Manifest> objects) implements Iterable<Manifest> {

  public Manifests {
    objects = List.copyOf(objects);
  }

  @Override
  public Iterator<Manifest> iterator() {
    return objects.iterator();
  }
}
