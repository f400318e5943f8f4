package io.mtlsmigration.app;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which calls are about what only the leader knows: probes and captures are its own, and with them
 * everything that is told by their help. Records and facts every replica has.
 */
final class LeadersMemory {

  private static final Set<String> READ = Set.of("GET", "HEAD");
  private static final String API = "/api/v1";

  /**
   * Whose answer it is. An approval refers to an impact, and that to what was seen calling; traffic
   * counts without the service's own probes, which the leader makes.
   */
  private static final List<Rule> RULES =
      List.of(
          new Rule(Set.of(), "/connectivity(/.*)?", Need.LEADER),
          new Rule(Set.of(), "/wire-checks(/.*)?", Need.LEADER),
          new Rule(
              READ, "/namespaces/[^/]+/(readiness|impact|authorization-policies)", Need.LEADER),
          new Rule(READ, "/mesh/impact", Need.LEADER),
          new Rule(Set.of("POST"), "/plans/[^/]+/approvals", Need.LEADER),
          new Rule(READ, "/traffic", Need.LEADER),
          new Rule(READ, "/mesh(/history)?", Need.LEADER_IF_ANY),
          new Rule(READ, "/namespaces(/[^/]+)?", Need.LEADER_IF_ANY),
          new Rule(READ, "/plans/[^/]+/(namespaces(/[^/]+)?|mesh)", Need.LEADER_IF_ANY));

  private LeadersMemory() {}

  /** Who can answer. */
  enum Need {
    ANYBODY,
    /** Without a leader this replica answers with what it knows: all but the latest probes. */
    LEADER_IF_ANY,
    LEADER
  }

  /** {@code methods} empty = all. */
  private record Rule(Set<String> methods, Pattern path, Need need) {
    Rule(Set<String> methods, String path, Need need) {
      this(methods, Pattern.compile(path), need);
    }

    boolean holds(String method, String rest) {
      return (methods.isEmpty() || methods.contains(method)) && path.matcher(rest).matches();
    }
  }

  /**
   * Who can answer a call.
   *
   * @param path normalised, without the query
   */
  static Need need(String method, String path) {
    if (!path.startsWith(API + "/")) {
      return Need.ANYBODY;
    }
    String rest = path.substring(API.length());
    String bare = rest.endsWith("/") ? rest.substring(0, rest.length() - 1) : rest;
    for (Rule rule : RULES) {
      if (rule.holds(method, bare)) {
        return rule.need();
      }
    }
    return Need.ANYBODY;
  }
}
