// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import io.mtlsmigration.access.Identity;
import io.mtlsmigration.api.security.AccessRules.Rule;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/**
 * The state of one call, kept with its routing context. Written by one thread at a time, since the
 * stages of a call follow each other.
 */
final class ApiCall {

  private static final String ATTRIBUTE = ApiCall.class.getName();
  private static final int LONGEST_PATH = 300;

  private final String method;
  private final String asked;
  private final String requestId;
  private final String address;

  private @Nullable Identity caller;
  private @Nullable Rule rule;
  private String plan = "";
  private String namespace = "";
  private boolean keepsPolicies;
  private boolean letIn;
  private boolean dry;
  private int status;
  private String problem = "";
  private boolean recorded;

  private ApiCall(RoutingContext routing) {
    HttpServerRequest request = routing.request();
    SocketAddress remote = request.remoteAddress();
    String path = request.path() == null ? "" : request.path();
    this.method = request.method().name();
    this.asked = path.length() > LONGEST_PATH ? path.substring(0, LONGEST_PATH) : path;
    this.requestId = RequestIds.of(routing);
    this.address = remote == null || remote.hostAddress() == null ? "" : remote.hostAddress();
  }

  static ApiCall begin(RoutingContext routing) {
    ApiCall call = new ApiCall(routing);
    routing.put(ATTRIBUTE, call);
    return call;
  }

  /** Returns the call; null when it is not one of the API, such as for a file of the page. */
  static @Nullable ApiCall of(RoutingContext routing) {
    return routing.get(ATTRIBUTE);
  }

  void comesFrom(Identity identity) {
    caller = identity;
  }

  void means(Rule operation, String ofPlan, String ofNamespace) {
    rule = operation;
    plan = ofPlan;
    namespace = ofNamespace;
  }

  /** Records whether a plan is to be deleted though its policies stay. */
  void keepsPolicies(boolean keeps) {
    keepsPolicies = keeps;
  }

  /** Records that the call is authorized; with {@code dryRun} it changes nothing. */
  void letIn(boolean dryRun) {
    letIn = true;
    dry = dryRun;
  }

  void answered(int withStatus, String withProblem) {
    status = withStatus;
    problem = withProblem;
  }

  /** Records the name of the plan that the call has created. */
  void made(String plan) {
    this.plan = plan;
  }

  /** Returns whether nobody has asked this before: a call is recorded once. */
  boolean isFirstRecord() {
    boolean first = !recorded;
    recorded = true;
    return first;
  }

  String method() {
    return method;
  }

  String asked() {
    return asked;
  }

  String requestId() {
    return requestId;
  }

  String address() {
    return address;
  }

  @Nullable Identity caller() {
    return caller;
  }

  @Nullable Rule rule() {
    return rule;
  }

  String plan() {
    return plan;
  }

  String namespace() {
    return namespace;
  }

  boolean keepsPolicies() {
    return keepsPolicies;
  }

  boolean isLetIn() {
    return letIn;
  }

  boolean isDry() {
    return dry;
  }

  int status() {
    return status;
  }

  String problem() {
    return problem;
  }
}
