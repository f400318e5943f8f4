// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.problem;

import io.mtlsmigration.api.security.AccessRules;
import io.mtlsmigration.api.security.AccessRules.Rule;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The methods of each path, for 405 and its {@code Allow}: the framework does not pass them to its
 * exception mappers, and mistakes some wrong methods for wrong paths. A test compares them with the
 * OpenAPI document.
 */
@Singleton
final class AllowedMethods {

  private static final List<String> ORDER =
      List.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS");

  private final AccessRules operations;

  AllowedMethods(AccessRules operations) {
    this.operations = operations;
  }

  /** Returns the value of {@code Allow}; empty when there is no such path. */
  Optional<String> of(String path) {
    Set<String> methods =
        operations.all().stream()
            .filter(operation -> matches(operation.path(), path))
            .map(Rule::method)
            .collect(Collectors.toSet());
    if (methods.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        ORDER.stream()
            .filter(
                method ->
                    method.equals("OPTIONS")
                        || methods.contains(method.equals("HEAD") ? "GET" : method))
            .collect(Collectors.joining(", ")));
  }

  /** Returns the media types of an operation's answers, with commas between them. */
  String types(String method, String path) {
    String declared = method.equals("HEAD") ? "GET" : method;
    return operations.all().stream()
        .filter(rule -> rule.method().equals(declared) && matches(rule.path(), path))
        .flatMap(rule -> rule.types().stream())
        .collect(Collectors.joining(", "));
  }

  /** Returns whether a path matches a template, segment by segment; a trailing slash is ignored. */
  private static boolean matches(String template, String path) {
    String[] parts = template.split("/", -1);
    String[] sent =
        (path.endsWith("/") ? path.substring(0, path.length() - 1) : path).split("/", -1);
    for (int i = 0; i < parts.length; i++) {
      boolean any = parts[i].startsWith("{");
      if (sent.length != parts.length || !(any ? !sent[i].isEmpty() : sent[i].equals(parts[i]))) {
        return false;
      }
    }
    return true;
  }

  /** Returns whether the path exists, but not with this method. */
  boolean refuses(String method, String path) {
    return of(path).filter(allowed -> !List.of(allowed.split(", ")).contains(method)).isPresent();
  }
}
