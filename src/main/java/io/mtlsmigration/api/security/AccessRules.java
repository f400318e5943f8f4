package io.mtlsmigration.api.security;

import io.mtlsmigration.access.Permission;
import io.mtlsmigration.access.Verb;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.mapping.RuntimeResource;
import org.jspecify.annotations.Nullable;

/**
 * What each operation asks of its caller. The one table: the door reads it, and so does the OpenAPI
 * document. An operation that is not listed is refused to everybody; a test fails before that.
 */
public final class AccessRules {

  private static final String API = "/api/v1";
  private static final String PLAN = "/plans/{plan}";
  private static final String STEP = PLAN + "/namespaces/{namespace}";

  private static final Map<String, Rule> TABLE =
      table(
          harmless("GET", "/access", "getAccess", null),
          read("/mesh", "getMesh", Verb.LIST),
          read("/mesh/impact", "getMeshImpact", Verb.LIST),
          read("/mesh/history", "getMeshHistory", Verb.LIST),
          read("/namespaces", "listNamespaces", Verb.LIST),
          read("/namespaces/{namespace}", "getNamespace", Verb.LIST),
          read("/namespaces/{namespace}/workloads", "listNamespaceWorkloads", Verb.LIST),
          read("/namespaces/{namespace}/readiness", "getNamespaceReadiness", Verb.LIST),
          read("/namespaces/{namespace}/impact", "getNamespaceImpact", Verb.LIST),
          read(
              "/namespaces/{namespace}/authorization-policies",
              "listAuthorizationPolicies",
              Verb.LIST),
          read("/ratchet", "getRatchet", Verb.LIST),
          read("/workloads", "listWorkloads", Verb.LIST),
          read("/policies", "listPolicies", Verb.LIST),
          read("/findings", "listFindings", Verb.LIST),
          read("/worklist", "listWorklist", Verb.LIST),
          read("/owners", "listOwners", Verb.LIST),
          read("/traffic", "listTraffic", Verb.LIST),
          read("/connectivity", "getConnectivity", Verb.LIST),
          read("/connectivity/history", "listConnectivityChanges", Verb.LIST),
          read("/connectivity/probes/{id}", "getProbes", Verb.LIST),
          change("POST", "/connectivity/probes", "startProbes", Verb.PROBE),
          change("POST", "/wire-checks", "startWireCheck", Verb.CAPTURE),
          read("/wire-checks", "listWireChecks", Verb.CAPTURE),
          read("/wire-checks/{id}", "getWireCheck", Verb.CAPTURE),
          harmless("POST", "/analyses", "analyse", Verb.GET),
          read("/events", "listEvents", Verb.LIST),
          read("/audit", "listAudit", Verb.AUDIT),
          read("/plans", "listPlans", Verb.LIST),
          change("POST", "/plans", "createPlan", Verb.CREATE),
          read(PLAN, "getPlan", Verb.GET),
          change("PUT", PLAN, "replacePlan", Verb.UPDATE),
          change("DELETE", PLAN, "deletePlan", Verb.DELETE),
          read(PLAN + "/spec", "getPlanSpec", Verb.GET),
          read(PLAN + "/events", "listPlanEvents", Verb.GET),
          read(PLAN + "/manifests", "getPlanManifests", Verb.GET),
          read(PLAN + "/report", "getPlanReport", Verb.GET),
          change("POST", PLAN + "/start", "startPlan", Verb.START),
          change("POST", PLAN + "/pause", "pausePlan", Verb.PAUSE),
          change("POST", PLAN + "/resume", "resumePlan", Verb.RESUME),
          change("POST", PLAN + "/abort", "abortPlan", Verb.ABORT),
          change("POST", PLAN + "/rollback", "rollbackPlan", Verb.ROLLBACK),
          change("POST", PLAN + "/cleanup", "cleanUpPlan", Verb.CLEANUP),
          change("POST", PLAN + "/approvals", "approve", Verb.APPROVE),
          change("POST", PLAN + "/ignored-clients", "ignoreClient", Verb.OVERRIDE),
          read(PLAN + "/mesh", "getPlanMesh", Verb.GET),
          change("POST", PLAN + "/mesh/retry", "retryMesh", Verb.RETRY),
          change("POST", PLAN + "/mesh/rollback", "rollbackMesh", Verb.ROLLBACK),
          read(PLAN + "/namespaces", "listPlanNamespaces", Verb.GET),
          read(STEP, "getPlanNamespace", Verb.GET),
          change("POST", STEP + "/retry", "retryNamespace", Verb.RETRY),
          change("POST", STEP + "/rollback", "rollbackNamespace", Verb.ROLLBACK),
          change("POST", STEP + "/exempt", "exemptNamespace", Verb.EXEMPT),
          change("POST", STEP + "/skip", "skipNamespace", Verb.SKIP),
          change("POST", STEP + "/overrides", "overrideGates", Verb.OVERRIDE));

  private AccessRules() {}

  /**
   * A line of the table.
   *
   * @param path template, as the resources declare it
   * @param verb null for what every known caller may do
   * @param changes true when calls are kept in the audit record; a probe is, for it acts on pods
   */
  public record Rule(
      String method, String path, String operationId, @Nullable Verb verb, boolean changes) {

    /**
     * What a call asks for; null when it asks for nothing but an identity.
     *
     * @param plan that its path names; empty when it names none
     */
    public @Nullable Permission permission(String plan) {
      return verb == null ? null : new Permission(verb, plan);
    }
  }

  /** The rule of an operation, if there is one. */
  public static Optional<Rule> of(String method, String path) {
    return Optional.ofNullable(TABLE.get(key(method, path)));
  }

  /** The rule of a resource; HEAD is answered by the resource for GET. */
  public static Optional<Rule> of(RuntimeResource resource) {
    String path = resource.getClassPath().template + resource.getPath().template;
    return of(
        resource.getHttpMethod(),
        path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path);
  }

  public static Collection<Rule> all() {
    return TABLE.values();
  }

  private static Map<String, Rule> table(Rule... rules) {
    Map<String, Rule> table = new LinkedHashMap<>();
    for (Rule rule : List.of(rules)) {
      if (table.put(key(rule.method, rule.path), rule) != null) {
        throw new IllegalStateException("two rules for " + key(rule.method, rule.path));
      }
    }
    return table;
  }

  private static String key(String method, String path) {
    return method + " " + path;
  }

  private static Rule read(String path, String operationId, Verb verb) {
    return harmless("GET", path, operationId, verb);
  }

  private static Rule harmless(
      String method, String path, String operationId, @Nullable Verb verb) {
    return new Rule(method, API + path, operationId, verb, false);
  }

  private static Rule change(String method, String path, String operationId, Verb verb) {
    return new Rule(method, API + path, operationId, verb, true);
  }
}
