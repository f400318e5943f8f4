// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

/** Port: the current facts. Cheap, never blocks on the network; may be called from any thread. */
public interface Inventory {
  MeshSnapshot snapshot();
}
