package io.mtlsmigration.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import io.mtlsmigration.mesh.ObjectRef;

/**
 * One Kubernetes object as written.
 *
 * @param ref its namespace is {@code default} when a namespaced kind that this package knows names
 *     none, as {@code kubectl apply} would have it
 * @param tree the whole object; never changed by readers
 * @param source where it comes from, such as a file's name
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

  /** The part of {@code apiVersion} before the slash; empty for the core group. */
  public String group() {
    int slash = apiVersion.indexOf('/');
    return slash < 0 ? "" : apiVersion.substring(0, slash);
  }
}
