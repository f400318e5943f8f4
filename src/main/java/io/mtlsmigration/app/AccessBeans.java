// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.access.AuthMode;
import io.mtlsmigration.access.Authorizer;
import io.mtlsmigration.access.OpenAccess;
import io.mtlsmigration.access.Role;
import io.mtlsmigration.access.RoleAccess;
import io.mtlsmigration.access.TokenVerifier;
import io.mtlsmigration.kubernetes.access.ClusterAccess;
import io.quarkus.oidc.Oidc;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Authentication and authorization beans for the configured mode. They are behind proxies because
 * filters are created while the application is built into a native image, when no cluster may be
 * called.
 */
final class AccessBeans {

  /** The variable that Kubernetes sets in every container. */
  private static final String IN_CLUSTER = "KUBERNETES_SERVICE_HOST";

  private AccessBeans() {}

  @Produces
  @Singleton
  static AuthMode mode(Settings settings) {
    return AuthMode.resolve(settings.auth().mode(), System.getenv(IN_CLUSTER) != null);
  }

  /** Checks the configuration before the port is opened. */
  static void check(
      @Observes @Priority(1) StartupEvent started,
      AuthMode mode,
      @ConfigProperty(name = "quarkus.http.host") String host) {
    demand(AccessCheck.problem(mode, host));
  }

  /** Checks the configuration before the OpenID extension reads it, which is earlier still. */
  static void checkOpenId(@Observes Oidc extension, AuthMode mode, Config config) {
    demand(
        OpenIdCheck.problem(
            mode,
            key -> config.getOptionalValue(key, String.class).filter(value -> !value.isBlank())));
  }

  private static void demand(Optional<String> problem) {
    problem.ifPresent(
        text -> {
          throw new ConfigurationException(text);
        });
  }

  @Produces
  @ApplicationScoped
  static TokenVerifier tokenVerifier(
      AuthMode mode, Settings settings, Platform platform, Instance<ClusterAccess> named) {
    Settings.Auth.Kubernetes kubernetes = settings.auth().kubernetes();
    return switch (mode) {
      case KUBERNETES ->
          cluster(platform, named)
              .tokens(kubernetes.audiences().orElse(List.of()), kubernetes.timeout());
      // No token arrives here: OpenID's own mechanism reads tokens, or none does.
      case OIDC, NONE -> token -> new TokenVerifier.Refused();
    };
  }

  @Produces
  @ApplicationScoped
  static Authorizer authorizer(
      AuthMode mode, Settings settings, Platform platform, Instance<ClusterAccess> named) {
    return switch (mode) {
      case KUBERNETES ->
          cluster(platform, named).permissions(settings.auth().kubernetes().timeout());
      case OIDC -> roles(settings.auth().oidc());
      case NONE -> new OpenAccess();
    };
  }

  /**
   * Returns the access of the platform; a sandbox has none, and uses the cluster that {@code
   * quarkus.kubernetes-client} names.
   */
  private static ClusterAccess cluster(Platform platform, Instance<ClusterAccess> named) {
    return platform.access().orElseGet(named::get);
  }

  private static Authorizer roles(Settings.Auth.Oidc oidc) {
    return new RoleAccess(
        Map.of(
            Role.VIEWER, groups(oidc.viewers()),
            Role.OPERATOR, groups(oidc.operators()),
            Role.APPROVER, groups(oidc.approvers()),
            Role.ADMIN, groups(oidc.admins())));
  }

  private static List<String> groups(Optional<List<String>> configured) {
    return configured.orElse(List.of());
  }
}
