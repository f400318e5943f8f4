package io.mtlsmigration.api.security;

import io.mtlsmigration.access.Permission;
import io.mtlsmigration.access.Verb;
import jakarta.inject.Singleton;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.container.DynamicFeature;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.FeatureContext;
import jakarta.ws.rs.ext.Provider;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.resteasy.reactive.server.mapping.RuntimeResource;
import org.jspecify.annotations.Nullable;

/**
 * What each operation asks of its caller, gathered from {@link Needs} on the handlers when the
 * framework lays them out. An operation that is not in it is refused to everybody.
 */
@Provider
@Singleton
public final class AccessRules implements DynamicFeature {

  private final Map<String, Rule> table = new ConcurrentHashMap<>();

  /**
   * What an operation asks.
   *
   * @param path template, as the resources declare it
   * @param verb null for what every known caller may do
   */
  public record Rule(String method, String path, String operationId, @Nullable Verb verb) {

    /**
     * What a call asks for; null when it asks for nothing but an identity.
     *
     * @param plan that its path names; empty when it names none
     */
    public @Nullable Permission permission(String plan) {
      return verb == null ? null : new Permission(verb, plan);
    }

    /**
     * True when calls are kept in the audit record: all but reads and analyses. A probe is kept,
     * for it acts on pods.
     */
    public boolean changes() {
      return !method.equals(HttpMethod.GET) && verb != Verb.GET;
    }
  }

  @Override
  public void configure(ResourceInfo handler, FeatureContext context) {
    add(handler.getResourceMethod());
  }

  /**
   * Adds what a handler needs. Several may give an operation's answer, each in a media type of its
   * own; one of them is in the document, and has the operation's id.
   *
   * @throws IllegalStateException when two handlers of an operation need different verbs
   */
  void add(Method handler) {
    Needs needs = handler.getAnnotation(Needs.class);
    if (needs == null) {
      return;
    }
    Operation operation = handler.getAnnotation(Operation.class);
    Verb verb = Stream.of(needs.value()).findFirst().orElse(null);
    Path above = handler.getDeclaringClass().getAnnotation(Path.class);
    Path below = handler.getAnnotation(Path.class);
    Rule rule =
        new Rule(
            httpMethod(handler),
            trimmed(above.value() + (below == null ? "" : below.value())),
            operation == null ? "" : operation.operationId(),
            verb);
    table.merge(key(rule.method, rule.path), rule, AccessRules::merged);
  }

  static Rule merged(Rule one, Rule other) {
    if (one.verb != other.verb) {
      throw new IllegalStateException(one + " and " + other + " are one operation");
    }
    return one.operationId.isEmpty() ? other : one;
  }

  private static String httpMethod(Method handler) {
    return Stream.of(handler.getAnnotations())
        .map(Annotation::annotationType)
        .map(type -> type.getAnnotation(HttpMethod.class))
        .flatMap(Stream::ofNullable)
        .map(HttpMethod::value)
        .findFirst()
        .orElseThrow();
  }

  /** The rule of an operation, if there is one. */
  public Optional<Rule> of(String method, String path) {
    return Optional.ofNullable(table.get(key(method, path)));
  }

  /** The rule of a resource; HEAD is answered by the resource for GET. */
  public Optional<Rule> of(RuntimeResource resource) {
    return of(
        resource.getHttpMethod(),
        trimmed(resource.getClassPath().template + resource.getPath().template));
  }

  public Collection<Rule> all() {
    return table.values();
  }

  private static String trimmed(String path) {
    return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  private static String key(String method, String path) {
    return method + " " + path;
  }
}
