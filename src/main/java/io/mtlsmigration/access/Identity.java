// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.access;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The identity of a caller, as its authenticator reports it.
 *
 * @param name for Kubernetes the user name, {@code system:serviceaccount:NAMESPACE:NAME} for
 *     service accounts
 * @param uid distinguishes namesakes over time; empty when there is none
 * @param groups groups, or the roles in a token
 * @param extra other attributes for authorizers, such as scopes (Kubernetes' {@code UserInfo})
 */
public record Identity(
    String name, String uid, List<String> groups, Map<String, List<String>> extra) {

  /** The identity of all callers without authentication. */
  public static final Identity ANONYMOUS = new Identity("anonymous", "", List.of(), Map.of());

  public Identity {
    if (name.isBlank()) {
      throw new IllegalArgumentException("an identity has a name");
    }
    groups = List.copyOf(groups);
    Map<String, List<String>> copy = new LinkedHashMap<>();
    extra.forEach((key, values) -> copy.put(key, List.copyOf(values)));
    extra = Map.copyOf(copy);
  }
}
