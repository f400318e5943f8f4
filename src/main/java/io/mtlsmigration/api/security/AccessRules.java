// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import io.mtlsmigration.access.Permission;
import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.problem.ProblemDetail;
import jakarta.inject.Singleton;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.DynamicFeature;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.FeatureContext;
import jakarta.ws.rs.ext.Provider;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.resteasy.reactive.server.mapping.RuntimeResource;
import org.jspecify.annotations.Nullable;

/**
 * The access rule of each operation, gathered from {@link Needs} on the handlers when the framework
 * registers them. An operation without a rule is refused to everybody.
 */
@Provider
@Singleton
public final class AccessRules implements DynamicFeature {

  private final Map<String, Rule> table = new ConcurrentHashMap<>();

  /**
   * The access rule of an operation.
   *
   * @param path template, as the resources declare it
   * @param verb null when every authenticated caller may call it
   * @param types media types of its answers, without problems
   */
  public record Rule(
      String method,
      String path,
      String operationId,
      @Nullable Verb verb,
      SortedSet<String> types) {

    public Rule {
      types = Collections.unmodifiableSortedSet(new TreeSet<>(types));
    }

    /**
     * Returns the permission that a call needs; null when it needs only an identity. Data of the
     * whole mesh need the verb on all plans, also where the path names one.
     *
     * @param plan that its path names; empty when it names none
     */
    public @Nullable Permission permission(String plan) {
      return verb == null ? null : new Permission(verb, verb == Verb.LIST ? "" : plan);
    }

    /**
     * Returns whether calls are kept in the audit record: all but reads and analyses. Probes are
     * kept, since they act on pods.
     */
    public boolean changes() {
      return !method.equals(HttpMethod.GET) && verb != Verb.GET && verb != Verb.LIST;
    }
  }

  @Override
  public void configure(ResourceInfo handler, FeatureContext context) {
    add(handler.getResourceMethod());
  }

  /**
   * Adds the rule of a handler. Several handlers may serve one operation, each with a media type of
   * its own; the one in the document has the operation's id.
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
            verb,
            types(handler));
    table.merge(key(rule.method, rule.path), rule, AccessRules::merged);
  }

  static Rule merged(Rule one, Rule other) {
    if (one.verb != other.verb) {
      throw new IllegalStateException(one + " and " + other + " are one operation");
    }
    SortedSet<String> types = new TreeSet<>(one.types);
    types.addAll(other.types);
    String id = one.operationId.isEmpty() ? other.operationId : one.operationId;
    return new Rule(one.method, one.path, id, one.verb, types);
  }

  private static SortedSet<String> types(Method handler) {
    Produces own = handler.getAnnotation(Produces.class);
    Produces produces =
        own == null ? handler.getDeclaringClass().getAnnotation(Produces.class) : own;
    return Stream.ofNullable(produces)
        .flatMap(declared -> Stream.of(declared.value()))
        .map(type -> type.split(";", 2)[0])
        .filter(type -> !type.equals(ProblemDetail.MEDIA_TYPE))
        .collect(Collectors.toCollection(TreeSet::new));
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

  /** Returns the rule of an operation, if there is one. */
  public Optional<Rule> of(String method, String path) {
    return Optional.ofNullable(table.get(key(method, path)));
  }

  /** Returns the rule of a resource; HEAD is answered by the resource for GET. */
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
