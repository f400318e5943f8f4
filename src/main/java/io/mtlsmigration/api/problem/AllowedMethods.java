package io.mtlsmigration.api.problem;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which methods each path takes, for 405 and its {@code Allow}: the framework tells its exception
 * mappers nothing of it, and takes some wrong methods for wrong paths. A test compares the table
 * with the OpenAPI document.
 */
final class AllowedMethods {

  private static final String PLAN = "/plans/[^/]+";
  private static final String STEP = PLAN + "/namespaces/[^/]+";

  private static final Map<String, Pattern> TABLE =
      Map.of(
          "GET, HEAD, POST, OPTIONS", paths("/plans", "/wire-checks"),
          "GET, HEAD, PUT, DELETE, OPTIONS", paths(PLAN),
          "POST, OPTIONS",
              paths(
                  "/analyses",
                  "/connectivity/probes",
                  PLAN + "/(start|pause|resume|abort|rollback|cleanup|approvals|ignored-clients)",
                  PLAN + "/mesh/(retry|rollback)",
                  STEP + "/(retry|rollback|exempt|skip|overrides)"),
          "GET, HEAD, OPTIONS",
              paths(
                  "/(access|mesh|mesh/(impact|history)|namespaces|workloads|policies|findings|traffic|ratchet|events|audit)",
                  "/namespaces/[^/]+(/(workloads|readiness|impact|authorization-policies))?",
                  "/connectivity(/history|/probes/[^/]+)?",
                  "/wire-checks/[^/]+",
                  PLAN + "/(spec|namespaces|mesh|events|manifests|report)",
                  STEP));

  private AllowedMethods() {}

  private static Pattern paths(String... paths) {
    return Pattern.compile("/api/v1(" + String.join("|", paths) + ")/?");
  }

  /** The value of {@code Allow}; empty when there is no such path. */
  static Optional<String> of(String path) {
    return TABLE.entrySet().stream()
        .filter(entry -> entry.getValue().matcher(path).matches())
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /** True when the path exists, but not with this method. */
  static boolean refuses(String method, String path) {
    return of(path).filter(allowed -> !List.of(allowed.split(", ")).contains(method)).isPresent();
  }
}
