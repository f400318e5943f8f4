// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.access;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Grants roles by groups ({@link AuthMode#OIDC}): a caller in none of them has no permissions. */
public final class RoleAccess implements Authorizer {

  private final Map<Role, Set<String>> members;

  /**
   * @param members groups whose members have the role
   */
  public RoleAccess(Map<Role, List<String>> members) {
    Map<Role, Set<String>> copy = new EnumMap<>(Role.class);
    members.forEach((role, groups) -> copy.put(role, Set.copyOf(groups)));
    this.members = copy;
  }

  @Override
  public Decision decide(Identity who, Permission what) {
    boolean allowed =
        members.entrySet().stream()
            .filter(entry -> entry.getKey().includes(what.verb()))
            .anyMatch(entry -> who.groups().stream().anyMatch(entry.getValue()::contains));
    return allowed ? new Allowed() : new Denied(remedy(what));
  }

  private static String remedy(Permission what) {
    return "needed is a group of one of the roles "
        + Arrays.stream(Role.values())
            .filter(role -> role.includes(what.verb()))
            .map(Role::text)
            .collect(Collectors.joining(", "))
        + " (mtls-migration.auth.oidc.*)";
  }

  @Override
  public boolean answersAtOnce() {
    return true;
  }
}
