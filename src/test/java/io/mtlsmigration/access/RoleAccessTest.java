// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class RoleAccessTest {

  private static final RoleAccess ACCESS =
      new RoleAccess(
          Map.of(
              Role.VIEWER, List.of("all"),
              Role.OPERATOR, List.of("sre", "platform"),
              Role.APPROVER, List.of("owners"),
              Role.ADMIN, List.of("root")));

  static Stream<Arguments> callers() {
    return Stream.of(
        argumentSet("viewers read", "all", Verb.LIST, true),
        argumentSet("viewers change nothing", "all", Verb.CREATE, false),
        argumentSet("viewers do not read captures", "all", Verb.CAPTURE, false),
        argumentSet("operators make plans", "platform", Verb.CREATE, true),
        argumentSet("operators start plans", "sre", Verb.START, true),
        argumentSet("operators do not consent to their own plans", "sre", Verb.APPROVE, false),
        argumentSet("operators do not override gates", "sre", Verb.OVERRIDE, false),
        argumentSet("operators do not exempt", "sre", Verb.EXEMPT, false),
        argumentSet("approvers consent", "owners", Verb.APPROVE, true),
        argumentSet("approvers undo", "owners", Verb.ROLLBACK, true),
        argumentSet("approvers make no plans", "owners", Verb.CREATE, false),
        argumentSet("approvers start nothing", "owners", Verb.START, false),
        argumentSet("administrators do everything", "root", Verb.AUDIT, true),
        argumentSet("others read nothing", "guests", Verb.LIST, false));
  }

  @ParameterizedTest
  @MethodSource("callers")
  void grantsByGroup(String group, Verb verb, boolean allowed) {
    Identity caller = new Identity("jane", "", List.of("some", group), Map.of());

    Authorizer.Decision decision = ACCESS.decide(caller, new Permission(verb, "q4"));

    assertEquals(allowed, decision instanceof Authorizer.Allowed);
  }

  @Test
  void grantsNothingToThoseWithoutGroups() {
    Identity caller = new Identity("jane", "", List.of(), Map.of());

    Authorizer.Decision decision =
        new RoleAccess(Map.of()).decide(caller, new Permission(Verb.GET, ""));

    assertInstanceOf(Authorizer.Denied.class, decision);
  }

  @Test
  void namesTheRolesThatWouldDo() {
    Identity caller = new Identity("jane", "", List.of("all"), Map.of());

    Authorizer.Decision decision = ACCESS.decide(caller, new Permission(Verb.APPROVE, "q4"));

    String remedy = assertInstanceOf(Authorizer.Denied.class, decision).remedy();
    assertTrue(remedy.contains("approver, admin"), remedy);
  }

  static Stream<Arguments> modes() {
    return Stream.of(
        argumentSet("in a cluster", Optional.empty(), true, AuthMode.KUBERNETES),
        argumentSet("elsewhere", Optional.empty(), false, AuthMode.NONE),
        argumentSet("as configured in a cluster", Optional.of(AuthMode.OIDC), true, AuthMode.OIDC),
        argumentSet(
            "as configured elsewhere",
            Optional.of(AuthMode.KUBERNETES),
            false,
            AuthMode.KUBERNETES));
  }

  @ParameterizedTest
  @MethodSource("modes")
  void choosesTheMode(Optional<AuthMode> configured, boolean inCluster, AuthMode mode) {
    assertEquals(mode, AuthMode.resolve(configured, inCluster));
  }
}
