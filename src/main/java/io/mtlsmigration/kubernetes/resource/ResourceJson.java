// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.resource;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Converts between fabric8's JSON trees and the records of this package. Each part of an object is
 * read separately, so that a malformed part does not hide the others.
 */
public final class ResourceJson {

  private static final JsonInclude.Value UNLESS_EMPTY =
      JsonInclude.Value.construct(JsonInclude.Include.NON_EMPTY, JsonInclude.Include.ALWAYS);

  /**
   * Ignores fields of later versions; the API server prunes fields unknown to the schema. What is
   * empty is omitted from stored objects: lists and maps of a spec too, unlike in REST answers.
   */
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .defaultPropertyInclusion(UNLESS_EMPTY)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .withConfigOverride(List.class, lists -> lists.setIncludeAsProperty(UNLESS_EMPTY))
          .withConfigOverride(Map.class, maps -> maps.setIncludeAsProperty(UNLESS_EMPTY))
          .build();

  private static final TypeReference<Map<String, Object>> TREE = new TypeReference<>() {};

  /** More bytes than a real plan of a hundred thousand namespaces unpacks to. */
  private static final int MAX_UNPACKED = 64 * 1024 * 1024;

  private ResourceJson() {}

  /** Thrown when a part of an object does not match its schema. */
  public static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    public MalformedException(String pointer, String detail) {
      super((pointer.isEmpty() ? "" : pointer + ": ") + detail);
    }
  }

  /**
   * Reads a tree; null stays null.
   *
   * @throws MalformedException with the pointer of the first wrong field
   */
  public static <T> @Nullable T read(@Nullable Object tree, Class<T> type)
      throws MalformedException {
    try {
      return tree == null ? null : MAPPER.convertValue(tree, type);
    } catch (IllegalArgumentException e) {
      throw malformed(e.getCause() instanceof JsonMappingException cause ? cause : e);
    }
  }

  private static MalformedException malformed(Exception cause) {
    StringBuilder pointer = new StringBuilder();
    String detail = String.valueOf(cause.getMessage());
    if (cause instanceof JsonMappingException mapping) {
      for (JsonMappingException.Reference step : mapping.getPath()) {
        pointer
            .append('/')
            .append(step.getFieldName() == null ? step.getIndex() : step.getFieldName());
      }
      detail = mapping.getOriginalMessage();
    }
    MalformedException malformed = new MalformedException(pointer.toString(), detail);
    malformed.initCause(cause);
    return malformed;
  }

  /** Returns the tree to send to an API server. */
  public static Map<String, Object> tree(Object record) {
    return MAPPER.convertValue(record, TREE);
  }

  /** Returns the record's size as JSON in bytes. */
  public static int size(Object record) {
    return bytes(record).length;
  }

  /** Returns the record as gzip and base64. */
  public static String pack(Object record) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(bytes(record));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Base64.getEncoder().encodeToString(packed.toByteArray());
  }

  private static byte[] bytes(Object record) {
    try {
      return MAPPER.writeValueAsBytes(record);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the record that {@link #pack} has packed. */
  public static <T> T unpack(String packed, Class<T> type) throws MalformedException {
    try (GZIPInputStream gzip =
        new GZIPInputStream(new ByteArrayInputStream(Base64.getDecoder().decode(packed)))) {
      byte[] bytes = gzip.readNBytes(MAX_UNPACKED);
      return MAPPER.readValue(bytes, type);
    } catch (IOException | IllegalArgumentException e) {
      throw malformed(e);
    }
  }
}
