// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.input;

import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import io.mtlsmigration.api.problem.ProblemDetail.FieldError;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.DynamicFeature;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.FeatureContext;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.UriInfo;
import jakarta.ws.rs.ext.ParamConverter;
import jakarta.ws.rs.ext.ParamConverterProvider;
import jakarta.ws.rs.ext.Provider;
import java.lang.annotation.Annotation;
import java.lang.reflect.Executable;
import java.lang.reflect.Parameter;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Validates each query against the parameters that its handler declares, before the handler is
 * called. A parameter that is unknown, wrong or repeated is an error, and all errors are reported
 * at once: a misspelt filter that shows everything is worse than none. Converters would be too late
 * for that: the framework turns their exceptions into a 404, one at a time.
 */
@Provider
public final class QueryParameters implements DynamicFeature, ParamConverterProvider {

  @Override
  public void configure(ResourceInfo handler, FeatureContext context) {
    Map<String, QueryForm> declared = new LinkedHashMap<>();
    declare(handler.getResourceMethod(), declared);
    ContainerRequestFilter check = request -> check(request.getUriInfo(), declared);
    context.register(check, Priorities.USER);
  }

  /** In the order of the parameters; those of a bean are inserted in its place. */
  private static void declare(Executable handler, Map<String, QueryForm> declared) {
    for (Parameter parameter : handler.getParameters()) {
      QueryParam query = parameter.getAnnotation(QueryParam.class);
      if (query != null) {
        declared.put(query.value(), QueryForm.of(parameter.getParameterizedType()));
      } else if (parameter.isAnnotationPresent(BeanParam.class)) {
        declare(parameter.getType().getDeclaredConstructors()[0], declared);
      }
    }
  }

  private static void check(UriInfo uri, Map<String, QueryForm> declared) {
    MultivaluedMap<String, String> sent = uri.getQueryParameters();
    List<FieldError> errors = new ArrayList<>();
    declared.forEach((name, form) -> judge(name, form, sent.get(name), errors));
    String token = sent.getFirst(Paging.TOKEN);
    if (token != null
        && declared.containsKey(Paging.TOKEN)
        && PageQuery.after(uri, token) == null) {
      errors.add(FieldError.wrong(Paging.TOKEN, Paging.EXPECTED));
    }
    for (String name : sent.keySet()) {
      if (!declared.containsKey(name)) {
        errors.add(FieldError.parameter(name, "UNKNOWN_PARAMETER", known(declared.keySet())));
      }
    }
    if (!errors.isEmpty()) {
      throw ApiException.of(ErrorCode.INVALID_PARAMETER, errors);
    }
  }

  private static void judge(
      String name, QueryForm form, @Nullable List<String> sent, List<FieldError> errors) {
    if (sent == null || sent.isEmpty()) {
      return;
    }
    if (sent.size() > 1) {
      errors.add(
          FieldError.parameter(
              name, "DUPLICATE_PARAMETER", "The parameter is given more than once"));
    }
    if (form.reader().apply(sent.getFirst()).isEmpty()) {
      errors.add(FieldError.wrong(name, "Expected is " + form.expected()));
    }
  }

  private static String known(Set<String> names) {
    return names.isEmpty()
        ? "There are no parameters here"
        : "There is no such parameter; known here: " + String.join(", ", names);
  }

  @Override
  @SuppressWarnings("unchecked") // a form's reader returns the form's type
  public <T> @Nullable ParamConverter<T> getConverter(
      Class<T> raw, Type type, Annotation[] annotations) {
    if (raw == String.class) {
      return null;
    }
    QueryForm form = QueryForm.of(type);
    return new ParamConverter<>() {
      @Override
      public @Nullable T fromString(@Nullable String text) {
        return text == null ? null : (T) form.reader().apply(text).orElse(null);
      }

      @Override
      public String toString(T value) {
        return String.valueOf(value);
      }
    };
  }
}
