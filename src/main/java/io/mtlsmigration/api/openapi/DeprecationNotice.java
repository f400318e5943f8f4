// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.openapi;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The notice to callers of a deprecated operation.
 *
 * @param sunset null while there is no date
 */
public record DeprecationNotice(LocalDate since, @Nullable LocalDate sunset, String instead) {

  static final String DEPRECATION = "Deprecation";
  static final String SUNSET = "Sunset";
  static final String LINK = "Link";

  /** A link to the document, which names the replacement. */
  static final String MORE = "</q/openapi>; rel=\"deprecation\"; type=\"application/yaml\"";

  /** RFC 9110 §5.6.7: always two digits for the day, always GMT. */
  private static final DateTimeFormatter HTTP_DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH);

  public DeprecationNotice {
    if (sunset != null && sunset.isBefore(since)) {
      throw new IllegalArgumentException("goes on " + sunset + ", and is deprecated from " + since);
    }
  }

  public static DeprecationNotice of(DeprecatedOperation annotation) {
    return of(annotation.since(), annotation.sunset(), annotation.instead());
  }

  static DeprecationNotice of(String since, String sunset, String instead) {
    return new DeprecationNotice(
        LocalDate.parse(since), sunset.isEmpty() ? null : LocalDate.parse(sunset), instead);
  }

  /** Returns the headers of its answers: RFC 9745, RFC 8594 and a link of RFC 8288. */
  public Map<String, String> headers() {
    Map<String, String> headers = new TreeMap<>();
    headers.put(DEPRECATION, "@" + start(since).toEpochSecond());
    headers.put(LINK, MORE);
    if (sunset != null) {
      headers.put(SUNSET, HTTP_DATE.format(start(sunset)));
    }
    return headers;
  }

  String words() {
    return " Deprecated since "
        + since
        + (sunset == null ? ". " : ", and may be gone from " + sunset + " on. ")
        + instead;
  }

  private static ZonedDateTime start(LocalDate day) {
    return day.atStartOfDay(ZoneOffset.UTC);
  }
}
