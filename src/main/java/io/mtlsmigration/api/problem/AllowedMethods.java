package io.mtlsmigration.api.problem;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Which methods each path takes, for the {@code Allow} of a 405: the framework knows, but does not
 * tell its exception mappers. A test compares the table with the OpenAPI document.
 */
final class AllowedMethods {

  private static final String ANY = "[^/]+";
  private static final Map<Pattern, String> TABLE =
      table(
          Map.of(
              "GET, HEAD, POST, OPTIONS", List.of("/plans"),
              "GET, HEAD, PUT, DELETE, OPTIONS", List.of("/plans/" + ANY),
              "POST, OPTIONS",
                  List.of(
                      "/analyses",
                      "/connectivity/probes",
                      "/plans/" + ANY + "/(start|pause|resume|abort|rollback|cleanup|approvals)",
                      "/plans/" + ANY + "/mesh/(retry|rollback)",
                      "/plans/"
                          + ANY
                          + "/namespaces/"
                          + ANY
                          + "/(retry|rollback|exempt|skip|overrides)")));
  private static final String READ_ONLY = "GET, HEAD, OPTIONS";

  private AllowedMethods() {}

  private static Map<Pattern, String> table(Map<String, List<String>> paths) {
    Map<Pattern, String> table = new TreeMap<>(java.util.Comparator.comparing(Pattern::pattern));
    paths.forEach(
        (methods, of) ->
            of.forEach(p -> table.put(Pattern.compile("/api/v1" + p + "/?"), methods)));
    return table;
  }

  static String of(String path) {
    for (Map.Entry<Pattern, String> entry : TABLE.entrySet()) {
      if (entry.getKey().matcher(path).matches()) {
        return entry.getValue();
      }
    }
    return READ_ONLY;
  }
}
