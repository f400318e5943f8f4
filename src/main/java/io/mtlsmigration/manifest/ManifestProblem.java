// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

/**
 * A problem of a source, with its place.
 *
 * @param document from 1
 * @param line from 1; 0 when unknown
 * @param column from 1; 0 when unknown
 * @param pointer JSON pointer within the document; empty when the document itself is meant
 * @param message for people, without the place
 */
public record ManifestProblem(
    String source, int document, int line, int column, String pointer, String message) {

  /** Begins what is said of documents that tools read beside manifests: of values, or a patch. */
  static final String NO_OBJECT = "is no Kubernetes object: ";

  /** Returns whether the document is no object that anybody could mean to apply. */
  public boolean ofNoObject() {
    return pointer.isEmpty() && message.startsWith(NO_OBJECT);
  }

  /** Returns {@code source:line:column: document n, /pointer: message}, without unknown parts. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(source);
    if (line > 0) {
      text.append(':').append(line);
      if (column > 0) {
        text.append(':').append(column);
      }
    }
    text.append(": document ").append(document);
    if (!pointer.isEmpty()) {
      text.append(", ").append(pointer);
    }
    return text.append(": ").append(message).toString();
  }
}
