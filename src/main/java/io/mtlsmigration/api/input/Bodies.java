// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.input;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import io.mtlsmigration.api.problem.ProblemDetail.FieldError;
import io.mtlsmigration.manifest.ManifestException;
import io.mtlsmigration.manifest.ManifestReader;
import io.mtlsmigration.manifest.ReadLimits;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Parses the body of a command into a tree, within bounds that hold for any input. Only the syntax
 * is checked here; a schema validates the content.
 */
public final class Bodies {

  /**
   * The maximum size. A plan that names ten thousand namespaces of 63 characters in its scope and
   * again in its waves is 1.3 MB; the bound leaves room, and a heap of 256 MB can take it many
   * times.
   */
  public static final int MAX_BYTES = 2 << 20;

  /** The maximum depth; the deepest part of a plan has six levels. */
  private static final int MAX_DEPTH = 32;

  /** The maximum number of values: of each that is wrong there is something to say. */
  private static final int MOST_NODES = 100_000;

  private static final ObjectReader JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxNumberLength(40)
                          .maxNameLength(1024)
                          .maxStringLength(64 << 10)
                          .maxTokenCount(MOST_NODES * 3L) // of a value, its key and its end
                          .build())
                  .build())
          .enable(com.fasterxml.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build()
          .reader()
          .with(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  private static final ReadLimits YAML =
      new ReadLimits(MAX_BYTES, 1, MAX_DEPTH, MOST_NODES, MAX_BYTES, 1024, 100, 100);

  private Bodies() {}

  /**
   * Reads a body of a JSON or YAML media type. A type that a foreign page may send without a
   * preflight ({@code text/plain}, also with parameters, or none) is rejected.
   *
   * @param contentType of the request
   * @return a missing node when the body is empty or null
   * @throws ApiException 400 when it is not well-formed, 413 when it is too large, 415 when it is
   *     neither JSON nor YAML
   */
  public static JsonNode read(@Nullable InputStream body, @Nullable String contentType) {
    if (body == null) {
      return MissingNode.getInstance();
    }
    byte[] bytes = whole(body);
    if (bytes.length == 0) {
      return MissingNode.getInstance();
    }
    String type = contentType == null ? "" : contentType.split(";", 2)[0].strip();
    return switch (type.toLowerCase(Locale.ROOT)) {
      case "application/json" -> json(bytes);
      case "application/yaml" -> yaml(bytes);
      default ->
          throw ApiException.of(
              ErrorCode.UNSUPPORTED_MEDIA_TYPE, "Send application/json or application/yaml");
    };
  }

  /**
   * Reads all of a body, within the bound.
   *
   * @throws ApiException 400 when it ends too early, 413 when it is too large
   */
  public static byte[] whole(InputStream body) {
    try {
      byte[] bytes = body.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw ApiException.of(
            ErrorCode.TOO_LARGE, "A body here may have up to " + MAX_BYTES + " bytes");
      }
      return bytes;
    } catch (IOException e) {
      throw ApiException.of(ErrorCode.BAD_REQUEST, "The body ended before it was complete");
    }
  }

  private static JsonNode json(byte[] bytes) {
    // Of bytes it would guess the encoding, and take UTF-16 and UTF-32 as well.
    try (JsonParser parser = JSON.createParser(utf8(bytes))) {
      if (parser.nextToken() == null) {
        return MissingNode.getInstance();
      }
      return tree(parser);
    } catch (JsonProcessingException e) {
      throw malformed("", "SYNTAX", "Malformed JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // of a text in memory
    }
  }

  private static JsonNode tree(JsonParser parser) throws IOException {
    try {
      JsonNode tree = JSON.readTree(parser);
      JsonToken rest = parser.nextToken();
      if (rest != null) {
        throw malformed("", "SYNTAX", "The body goes on after its end" + place(parser));
      }
      return tree;
    } catch (StreamConstraintsException e) {
      String pointer = parser.getParsingContext().pathAsPointer().toString();
      throw malformed(
          shortened(pointer),
          parser.getParsingContext().getNestingDepth() >= MAX_DEPTH ? "TOO_DEEP" : "TOO_LARGE",
          e.getOriginalMessage());
    } catch (JsonProcessingException e) {
      String message = String.valueOf(e.getOriginalMessage());
      String pointer = shortened(parser.getParsingContext().pathAsPointer().toString());
      throw message.startsWith("Duplicate field")
          ? malformed(pointer, "DUPLICATE_KEY", "The key is given twice" + place(parser))
          : malformed(pointer, "SYNTAX", "Malformed JSON" + place(parser) + ": " + message);
    }
  }

  private static String place(JsonParser parser) {
    var at = parser.currentLocation();
    return " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
  }

  private static JsonNode yaml(byte[] bytes) {
    try {
      JsonNode tree = ManifestReader.tree(utf8(bytes), "body", YAML);
      return tree.isNull() ? MissingNode.getInstance() : tree;
    } catch (ManifestException e) {
      throw ManifestErrors.malformed(e);
    }
  }

  /** Returns the text of a body, without a byte order mark. */
  private static String utf8(byte[] bytes) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw malformed("", "SYNTAX", "The body is not UTF-8");
    }
  }

  private static String shortened(String pointer) {
    return pointer.length() <= 200 ? pointer : pointer.substring(0, 200) + "…";
  }

  private static ApiException malformed(String pointer, String code, String detail) {
    return ApiException.of(ErrorCode.MALFORMED_BODY, List.of(FieldError.at(pointer, code, detail)));
  }
}
