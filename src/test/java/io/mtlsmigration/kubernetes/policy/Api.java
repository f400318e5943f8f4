// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication.Spec;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.rollout.WriteIntent;
import io.mtlsmigration.testing.Lease;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An API server that answers what it is told to, and PeerAuthentication foo/default on it. */
final class Api implements AutoCloseable {

  static final ObjectRef REF = ObjectRef.peerAuthentication("foo", "default");
  static final String EVERYWHERE = "/apis/security.istio.io/v1/peerauthentications";
  static final String COLLECTION = "/apis/security.istio.io/v1/namespaces/foo/peerauthentications";
  static final String OBJECT = COLLECTION + "/default";
  static final String READ = "?timeout=1s";
  static final String LIST = READ + "&limit=50";
  static final String WRITE = "?timeout=1s&fieldManager=mtls-migration&fieldValidation=Strict";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final KubernetesMockServer server = new KubernetesMockServer(false);
  final KubernetesClient client;
  final ClusterPolicies policies;
  final ClusterDryRuns dryRuns;

  /** Of the process whose requests these are. */
  final Lease lease = new Lease(1);

  Api() {
    server.init();
    client = server.createClient();
    policies = new ClusterPolicies(client, List.of("kubectl"), lease, Duration.ofSeconds(1));
    dryRuns = new ClusterDryRuns(client, lease, Duration.ofSeconds(1));
  }

  @Override
  public void close() {
    client.close();
    stop();
  }

  /** From now on nobody listens. */
  void stop() {
    server.destroy();
  }

  /** Once: whoever asks again gets 404 without a body. */
  Api answers(String method, String path, int code, String body) {
    var expectation =
        switch (method) {
          case "GET" -> server.expect().get();
          case "POST" -> server.expect().post();
          case "PATCH" -> server.expect().patch();
          case "DELETE" -> server.expect().delete();
          default -> throw new AssertionError(method);
        };
    expectation.withPath(path).andReturn(code, body).once();
    return this;
  }

  Api holds(String policy) {
    return answers("GET", OBJECT + READ, 200, policy);
  }

  int requests() {
    return server.getRequestCount();
  }

  /** Method, path and query of each, since the last time this was asked. */
  List<RecordedRequest> sent() {
    List<RecordedRequest> sent = new ArrayList<>();
    try {
      for (RecordedRequest next = server.takeRequest(100, TimeUnit.MILLISECONDS);
          next != null;
          next = server.takeRequest(100, TimeUnit.MILLISECONDS)) {
        sent.add(next);
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return sent;
  }

  JsonNode lastBody() {
    try {
      RecordedRequest last = server.getLastRequest();
      return JSON.readTree(last.getUtf8Body());
    } catch (InterruptedException | JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  static JsonNode json(String text) {
    try {
      return JSON.readTree(text.replace('\'', '"'));
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * The object at version 7 with uid {@code u}.
   *
   * @param managedFields entries, in JSON with single quotes
   */
  static String policy(String spec, String... managedFields) {
    return """
    {'apiVersion': 'security.istio.io/v1', 'kind': 'PeerAuthentication',
     'metadata': {'name': 'default', 'namespace': 'foo', 'uid': 'u', 'resourceVersion': '7',
       'creationTimestamp': '2026-01-01T00:00:00Z', 'managedFields': [%s]},
     'spec': %s}\
    """
        .formatted(String.join(",", managedFields), spec)
        .replace('\'', '"');
  }

  static String owner(String manager, String operation, String spec) {
    return "{'manager': '%s', 'operation': '%s', 'fieldsType': 'FieldsV1', 'fieldsV1': {'f:spec': %s}}"
        .formatted(manager, operation, spec);
  }

  static String status(int code, String reason, String message, String details) {
    return """
    {'kind': 'Status', 'apiVersion': 'v1', 'metadata': {}, 'status': 'Failure',
     'reason': '%s', 'message': '%s', 'details': %s, 'code': %d}\
    """
        .formatted(reason, message.replace("\"", "\\\\'"), details, code)
        .replace('\'', '"');
  }

  static WriteIntent create(Spec after) {
    return intent(null, after, "", "");
  }

  static WriteIntent change(Spec before, @Nullable Spec after) {
    return intent(before, after, "u", "7");
  }

  static WriteIntent intent(
      @Nullable Spec before, @Nullable Spec after, String uid, String resourceVersion) {
    return new WriteIntent(
        new PolicyChange(REF, before, after, PolicyChange.Purpose.LOCK, false, "test"),
        "plan:foo:1",
        uid,
        resourceVersion,
        1,
        Instant.EPOCH);
  }
}
