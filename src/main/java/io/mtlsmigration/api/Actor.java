// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import jakarta.ws.rs.core.SecurityContext;
import java.security.Principal;

/** The caller's name as records keep it. */
final class Actor {

  /** The name of callers while no authentication is required. */
  private static final String ANONYMOUS = "anonymous";

  private Actor() {}

  static String of(SecurityContext security) {
    String name = name(security);
    return name.isEmpty() ? ANONYMOUS : name;
  }

  /** Returns the caller's name; empty where callers are not told apart. */
  static String name(SecurityContext security) {
    Principal principal = security.getUserPrincipal();
    return principal == null ? "" : principal.getName().strip();
  }
}
