package io.mtlsmigration.api;

import jakarta.ws.rs.core.SecurityContext;
import java.security.Principal;

/** Who calls, as records keep it. */
final class Actor {

  /** While nobody has to show who they are. */
  private static final String ANONYMOUS = "anonymous";

  private Actor() {}

  static String of(SecurityContext security) {
    Principal principal = security.getUserPrincipal();
    return principal == null || principal.getName().isBlank() ? ANONYMOUS : principal.getName();
  }
}
