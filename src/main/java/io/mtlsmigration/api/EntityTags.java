// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import io.mtlsmigration.plan.Digest;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.StepRecord;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;
import org.jspecify.annotations.Nullable;

/**
 * Entity tags (RFC 9110 §8.8.3). The tag of a read is a hash of its content. A plan's tag begins
 * with the version of its record: its progress changes the hash every second, but replacing a plan
 * only requires its latest version, so {@code If-Match} compares that part alone. A gzip answer has
 * other bytes and a tag of its own; either tag proves that nothing has changed.
 */
@Singleton
public final class EntityTags {

  /** The separator between version and hash; the ledger's versions contain none. */
  private static final String SEPARATOR = ";";

  private static final String GZIP = SEPARATOR + "gzip";

  /** An element of Accept-Encoding that declines gzip (RFC 9110 §12.4.2). */
  private static final Pattern NO_GZIP = Pattern.compile("gzip *; *q=0(\\.0*)?");

  private static final String VARY = HttpHeaders.ACCEPT + ", " + HttpHeaders.ACCEPT_ENCODING;

  private static final String VERSION = EntityTags.class.getName() + ".version";
  private static final String PACKS = EntityTags.class.getName() + ".packs";
  private static final String WRITTEN = EntityTags.class.getName() + ".written";

  private final ObjectMapper mapper;

  EntityTags(ObjectMapper mapper) {
    this.mapper = mapper;
  }

  /** Returns the tag of a plan's record, for answers to commands. */
  static String of(PlanRecord plan) {
    return '"' + plan.version() + '"';
  }

  /** Returns the tag of a step's record, for answers to commands. */
  static String of(StepRecord step) {
    return '"' + step.version() + '"';
  }

  /** Returns a 200 with the tag of a plan's record. */
  static <T> RestResponse<T> ok(T answer, PlanRecord plan) {
    return RestResponse.ResponseBuilder.ok(answer).header(HttpHeaders.ETAG, of(plan)).build();
  }

  /** Tells the filter which version of a record the answer shows. */
  static void version(ContainerRequestContext request, String version) {
    request.setProperty(VERSION, version);
  }

  /**
   * Gives the filter the answer as it was written for others. Over HTTP/2 it is compressed anew:
   * there, the header that says what a body is in tells the server what to make of it.
   */
  static void written(ContainerRequestContext request, WrittenOnce answer, RoutingContext routing) {
    request.setProperty(WRITTEN, answer);
    request.setProperty(PACKS, routing.request().version() != HttpVersion.HTTP_2);
  }

  /** Tells the filter the version in the tag of another replica's answer. */
  public static void versionOf(ContainerRequestContext request, String tag) {
    String[] parts = tag.replace("\"", "").split(SEPARATOR, 2);
    if (parts.length == 2) {
      version(request, parts[0]);
    }
  }

  /**
   * Returns the version that {@code If-Match} demands: that of what was read for {@code *}.
   *
   * @throws ApiException 428 when the header is missing, 400 when it is not one strong tag
   */
  static String required(@Nullable String ifMatch, PlanRecord present) {
    if (ifMatch == null) {
      throw ApiException.of(
          ErrorCode.PRECONDITION_REQUIRED,
          "Send the ETag of the plan that you read as If-Match, so that nobody's change is lost");
    }
    String version = optional(ifMatch);
    return version == null ? present.version() : version;
  }

  /** Returns the version that an optional {@code If-Match} demands; null without the header. */
  static @Nullable String optional(@Nullable String ifMatch) {
    if (ifMatch == null || ifMatch.strip().equals("*")) {
      return null;
    }
    String tag = ifMatch.strip();
    if (tag.length() < 2 || !tag.startsWith("\"") || tag.indexOf('"', 1) != tag.length() - 1) {
      throw ApiException.parameter(HttpHeaders.IF_MATCH, "Expected is one strong entity tag, or *");
    }
    return tag.substring(1, tag.length() - 1).split(SEPARATOR, 2)[0];
  }

  @ServerResponseFilter
  void tag(ContainerRequestContext request, ContainerResponseContext response) {
    Object entity = response.getEntity();
    boolean read = request.getMethod().equals("GET") || request.getMethod().equals("HEAD");
    if (!read || response.getStatus() != 200 || entity == null || isStream(response)) {
      return;
    }
    WrittenOnce once = (WrittenOnce) request.getProperty(WRITTEN);
    WrittenOnce.Body body = once == null ? body(entity) : once.body(this::body);
    Object version = request.getProperty(VERSION);
    String value = (version == null ? "" : version + SEPARATOR) + body.hash();
    boolean gzip = takesGzip(request);
    response.getHeaders().putSingle(HttpHeaders.ETAG, '"' + value + (gzip ? GZIP : "") + '"');
    // One URL has several representations, each of them plain or compressed.
    response.getHeaders().putSingle(HttpHeaders.VARY, VARY);
    response.getHeaders().putSingle(HttpHeaders.CACHE_CONTROL, "no-cache");
    if (matches(request.getHeaderString(HttpHeaders.IF_NONE_MATCH), value)) {
      response.setStatus(304);
      response.setEntity(null);
    } else if (!(entity instanceof String)) {
      // Serialized once: a page of a thousand namespaces takes longer to serialize than to compute.
      MediaType type = response.getMediaType();
      boolean packed = once != null && gzip && Boolean.TRUE.equals(request.getProperty(PACKS));
      if (packed) {
        response.getHeaders().putSingle(HttpHeaders.CONTENT_ENCODING, "gzip");
      }
      response.setEntity(
          packed ? once.gzip(body) : body.bytes(),
          null,
          type == null ? MediaType.APPLICATION_JSON_TYPE : type);
    }
  }

  /**
   * Removes {@code qs} from the answer's media type: it ranks a resource's representations for
   * callers that accept any, and is of no use to them.
   */
  @ServerResponseFilter
  void unranked(ContainerResponseContext response) {
    MediaType type = response.getMediaType();
    if (type != null && type.getParameters().containsKey("qs")) {
      Map<String, String> parameters = new TreeMap<>(type.getParameters());
      parameters.remove("qs");
      response
          .getHeaders()
          .putSingle(
              HttpHeaders.CONTENT_TYPE,
              new MediaType(type.getType(), type.getSubtype(), parameters));
    }
  }

  private static boolean isStream(ContainerResponseContext response) {
    return response.getMediaType() != null
        && response.getMediaType().getSubtype().equals("event-stream");
  }

  /**
   * Returns whether the caller accepts gzip. Answers that are never compressed (event streams) have
   * no tag.
   */
  private static boolean takesGzip(ContainerRequestContext request) {
    String accepted = request.getHeaderString(HttpHeaders.ACCEPT_ENCODING);
    return accepted != null
        && Arrays.stream(accepted.split(",", -1))
            .map(String::strip)
            .anyMatch(coding -> coding.startsWith("gzip") && !NO_GZIP.matcher(coding).matches());
  }

  private static boolean matches(@Nullable String ifNoneMatch, String value) {
    return ifNoneMatch != null
        && Arrays.stream(ifNoneMatch.split(",", -1))
            .map(String::strip)
            .map(candidate -> candidate.startsWith("W/") ? candidate.substring(2) : candidate)
            .map(candidate -> candidate.replace(GZIP + '"', "\""))
            .anyMatch(candidate -> candidate.equals("*") || candidate.equals('"' + value + '"'));
  }

  private WrittenOnce.Body body(Object entity) {
    byte[] bytes = written(entity);
    return new WrittenOnce.Body(bytes, Digest.of(bytes).substring(0, 32));
  }

  private byte[] written(Object entity) {
    try {
      return switch (entity) {
        case String text -> text.getBytes(StandardCharsets.UTF_8);
        case byte[] bytes -> bytes;
        default -> mapper.writeValueAsBytes(entity);
      };
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a view cannot be written", e);
    }
  }
}
