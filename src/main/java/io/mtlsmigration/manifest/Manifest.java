// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import io.mtlsmigration.mesh.ObjectRef;

/**
 * One Kubernetes object as written.
 *
 * @param ref has the namespace {@code default} when a known namespaced kind names none, as with
 *     {@code kubectl apply}
 * @param tree the whole object; never changed by readers
 * @param source its origin, such as a file's name
 * @param document the document within the source, from 1
 * @param line where the object begins, from 1; 0 when it did not come from text
 * @param pointer of the object within its document: empty, or that of an item of a List
 */
public record Manifest(
    ObjectRef ref,
    String apiVersion,
    JsonNode tree,
    String source,
    int document,
    int line,
    String pointer) {

  /** Returns the part of {@code apiVersion} before the slash; empty for the core group. */
  public String group() {
    return Kinds.group(apiVersion);
  }
}
