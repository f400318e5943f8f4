// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.io.Reader;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The documents at the beginning of a YAML stream that are JSON texts, without the lines that part
 * them. JSON is a subset of YAML, but not of what a YAML scanner accepts (keys of any length,
 * escaped surrogates, texts one after another without a marker), so a parser of JSON reads these
 * documents, and one of YAML the {@link #rest}.
 *
 * <p>A document is looked through before any of it is read, as far as {@link #LOOKED_THROUGH}: one
 * that is longer is the dump of a tool, and no YAML afterwards.
 */
final class JsonDocuments extends Reader {

  /** In characters; a document's beginning is held in memory. */
  private static final int LOOKED_THROUGH = 1 << 20;

  private static final int MARKER = 3;

  private final Reader in;
  private final JsonFactory factory;

  /** What was read ahead: the characters in {@code [from, to)}. */
  private char[] held = new char[8 << 10];

  private int from;
  private int to;
  private boolean ended;

  private boolean lineBegins = true;
  private boolean rest;
  private @Nullable Malformed malformed;

  /**
   * Looks through the first document.
   *
   * @throws IOException when the source fails
   */
  JsonDocuments(Reader in, JsonFactory factory) throws IOException {
    this.in = in;
    this.factory = factory;
    rest = !isJson();
  }

  /**
   * The reason why a document that begins like JSON is none.
   *
   * @param at relative to the line in which the {@link #rest} begins
   */
  record Malformed(Mark at, String message) {}

  @Override
  public int read(char[] buffer, int offset, int length) throws IOException {
    if (rest) {
      return -1;
    }
    if (markerAt(0)) {
      if (!isJson()) {
        rest = true;
        return -1;
      }
      Arrays.fill(held, from, from + MARKER, ' ');
    }
    int n = copy(0, buffer, offset, length);
    if (n > 0) {
      from += n;
      lineBegins = isLineEnd(buffer[offset + n - 1]);
    }
    return n;
  }

  /** Returns what follows from the first document on that is no JSON; empty when all are. */
  Reader rest() {
    return new Reader() {
      @Override
      public int read(char[] buffer, int offset, int length) throws IOException {
        if (from == to) {
          return ended ? -1 : in.read(buffer, offset, length);
        }
        int n = Math.min(length, to - from);
        System.arraycopy(held, from, buffer, offset, n);
        from += n;
        return n;
      }

      @Override
      public void close() throws IOException {
        in.close();
      }
    };
  }

  boolean hasRest() {
    return rest;
  }

  @Nullable Malformed malformed() {
    return malformed;
  }

  @Override
  public void close() throws IOException {
    if (!rest) {
      in.close();
    }
  }

  /** Returns whether the next document consists of JSON texts, as far as it is looked through. */
  private boolean isJson() throws IOException {
    boolean object = false;
    try (JsonParser parser = factory.createParser(new NextDocument())) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        object |= token == JsonToken.START_OBJECT;
      }
      return true;
    } catch (StreamConstraintsException | LongDocumentException e) {
      return true; // what is too large is told when it is read
    } catch (JsonProcessingException e) {
      malformed = object ? new Malformed(JsonTrees.mark(e.getLocation()), JsonTrees.said(e)) : null;
      return false;
    }
  }

  /**
   * Copies what follows, up to the next line that is a marker.
   *
   * @param at the first character, from what is read next
   * @return the number of characters; -1 at a marker, or at the end
   */
  private int copy(int at, char[] buffer, int offset, int length) throws IOException {
    hold(at + length);
    int n = Math.min(length, to - from - at);
    for (int i = 0; i < n; i++) {
      if (held[from + at + i] == '-' && markerAt(at + i)) {
        n = i;
      }
    }
    System.arraycopy(held, from + at, buffer, offset, n);
    return n == 0 ? -1 : n;
  }

  private boolean markerAt(int at) throws IOException {
    boolean begins = at == 0 ? lineBegins : isLineEnd(held[from + at - 1]);
    if (!begins) {
      return false;
    }
    hold(at + MARKER + 1);
    int left = to - from - at;
    for (int i = 0; i < MARKER; i++) {
      if (i >= left || held[from + at + i] != '-') {
        return false;
      }
    }
    return left == MARKER || Character.isWhitespace(held[from + at + MARKER]);
  }

  /** Reads ahead until that many characters are held, or the source ends. */
  private void hold(int characters) throws IOException {
    while (!ended && to - from < characters) {
      if (from + characters > held.length) {
        char[] into = characters > held.length ? new char[2 * characters] : held;
        System.arraycopy(held, from, into, 0, to - from);
        held = into;
        to -= from;
        from = 0;
      }
      int n = in.read(held, to, held.length - to);
      ended = n < 0;
      to += Math.max(n, 0);
    }
  }

  private static boolean isLineEnd(char c) {
    return c == '\n' || c == '\r';
  }

  /** Reads the next document, and consumes nothing. */
  private final class NextDocument extends Reader {
    private int at;

    @Override
    public int read(char[] buffer, int offset, int length) throws IOException {
      if (at == 0 && markerAt(0)) {
        Arrays.fill(buffer, offset, offset + MARKER, ' ');
        at = MARKER;
        return MARKER;
      }
      if (at >= LOOKED_THROUGH) {
        throw new LongDocumentException();
      }
      int n = copy(at, buffer, offset, length);
      at += Math.max(n, 0);
      return n;
    }

    @Override
    public void close() {}
  }

  private static final class LongDocumentException extends IOException {
    private static final long serialVersionUID = 1L;
  }
}
