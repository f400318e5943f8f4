package io.mtlsmigration.api.input;

import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import io.mtlsmigration.api.problem.ProblemDetail.FieldError;
import io.mtlsmigration.plan.DurationText;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.UriInfo;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The query parameters of a call, asked for one by one. A parameter that is unknown, wrong or given
 * twice is an error: a filter with a slip of the pen that shows everything is worse than none.
 * {@link #end} throws what was noted.
 */
public final class Query {

  private static final int MAX_LIMIT = 1000;
  private static final int DEFAULT_LIMIT = 100;

  private final String path;
  private final MultivaluedMap<String, String> parameters;
  private final Set<String> known = new LinkedHashSet<>();
  private final List<FieldError> errors = new ArrayList<>();

  private Query(UriInfo uri) {
    this.path = uri.getPath();
    this.parameters = uri.getQueryParameters();
  }

  public static Query of(UriInfo uri) {
    return new Query(uri);
  }

  /** For a call that has no parameters. */
  public static void none(UriInfo uri) {
    of(uri).end();
  }

  public @Nullable String text(String name) {
    known.add(name);
    List<String> values = parameters.get(name);
    if (values == null || values.isEmpty()) {
      return null;
    }
    if (values.size() > 1) {
      wrong(name, "DUPLICATE_PARAMETER", "The parameter is given more than once");
    }
    return values.getFirst();
  }

  private <T> Optional<T> text(String name, Function<String, Optional<T>> parser, String expected) {
    String text = text(name);
    if (text == null) {
      return Optional.empty();
    }
    Optional<T> value = parser.apply(text);
    if (value.isEmpty()) {
      wrong(name, "WRONG_VALUE", "Expected is " + expected);
    }
    return value;
  }

  /** One of the names of an enum; in a parameter, case does not matter. */
  public <E extends Enum<E>> @Nullable E choice(String name, Class<E> type) {
    E[] all = type.getEnumConstants();
    return text(
            name,
            text -> Fields.named(all, text.toUpperCase(Locale.ROOT).replace('-', '_')),
            "one of " + Fields.names(all))
        .orElse(null);
  }

  public boolean flag(String name) {
    return text(
            name,
            text ->
                text.equals("true") || text.equals("false") || text.isEmpty()
                    ? Optional.of(!text.equals("false"))
                    : Optional.empty(),
            "true or false")
        .orElse(false);
  }

  public @Nullable Duration duration(String name) {
    return text(
            name,
            text -> DurationText.parse(text).filter(Duration::isPositive),
            DurationText.EXPECTED + ", longer than nothing")
        .orElse(null);
  }

  public @Nullable Instant instant(String name) {
    return text(name, Query::instantOf, "an instant such as 2026-11-25T10:00:00Z").orElse(null);
  }

  private static Optional<Instant> instantOf(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** {@code sort}; null for the order that the list has by itself. */
  public <F extends Enum<F> & SortField> @Nullable Sorting<F> sorting(Class<F> type) {
    return text("sort", text -> Sorting.parse(text, type), "one of " + Sorting.allowed(type))
        .orElse(null);
  }

  /**
   * {@code limit} and {@code continue}. Ask for it after all filters and {@code sort}: the token is
   * bound to them.
   */
  public Paging paging() {
    int limit =
        text("limit", Query::limitOf, "a number from 1 to " + MAX_LIMIT).orElse(DEFAULT_LIMIT);
    String scope = scope();
    String token = text("continue");
    if (token == null) {
      return new Paging(limit, scope, null);
    }
    String after = Paging.after(token, scope);
    if (after == null) {
      wrong("continue", "WRONG_VALUE", Paging.EXPECTED);
    }
    return new Paging(limit, scope, after);
  }

  private static Optional<Integer> limitOf(String text) {
    try {
      int limit = Integer.parseInt(text);
      return limit >= 1 && limit <= MAX_LIMIT ? Optional.of(limit) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private String scope() {
    StringBuilder scope = new StringBuilder(path);
    for (String name : known) {
      if (!name.equals("limit") && parameters.containsKey(name)) {
        scope.append('\n').append(name).append('=').append(parameters.getFirst(name));
      }
    }
    return scope.toString();
  }

  public void wrong(String name, String code, String detail) {
    errors.add(FieldError.parameter(name, code, detail));
  }

  /**
   * Ends the reading.
   *
   * @throws ApiException 400 with everything that is wrong
   */
  public void end() {
    for (String name : parameters.keySet()) {
      if (!known.contains(name)) {
        wrong(
            name,
            "UNKNOWN_PARAMETER",
            known.isEmpty()
                ? "There are no parameters here"
                : "There is no such parameter; known here: " + String.join(", ", known));
      }
    }
    if (!errors.isEmpty()) {
      throw ApiException.of(ErrorCode.INVALID_PARAMETER, errors);
    }
  }
}
