package io.mtlsmigration.manifest;

/**
 * What is wrong with a source, and where.
 *
 * @param document from 1
 * @param line from 1; 0 when unknown
 * @param column from 1; 0 when unknown
 * @param pointer JSON pointer within the document; empty when the document itself is meant
 * @param message for people: what is wrong, without the place
 */
public record ManifestProblem(
    String source, int document, int line, int column, String pointer, String message) {

  /** {@code source:line:column: document n, /pointer: message}, without what is unknown. */
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
