// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * The mock server with what it leaves out of a real one: a PUT of a status is conditional on the
 * resourceVersion, too. And with what a real one has on a bad day.
 */
final class StrictServer extends KubernetesCrudDispatcher {

  private static final String STATUS = "/status";

  /** Answers 503 to every write and to reads of single objects. */
  volatile boolean down;

  /** Answers 403 to watches; lists are answered. */
  volatile boolean watchless;

  /** Is down from the next deletion on, which it carries out. */
  volatile boolean downOnceDeleted;

  /** The reads of single objects while it was down. */
  final AtomicInteger readsInVain = new AtomicInteger();

  /** Carries the next write out, and answers 503. */
  volatile boolean losesAnswer;

  /** Carries the next write out, and answers with what is no object. */
  volatile boolean garblesAnswer;

  /** Answers 422 to writes of objects of this name. */
  volatile String refused = "";

  /** Answers as while the kinds are not served: there is no such page. */
  volatile boolean unserved;

  volatile int writes;

  @Override
  public MockResponse handleCreate(RecordedRequest request) {
    return write(() -> super.handleCreate(request));
  }

  @Override
  public MockResponse handleUpdate(RecordedRequest request) {
    String path = request.getPath();
    return write(
        () ->
            !refused.isEmpty() && path.contains("/" + refused + "/")
                ? new MockResponse().setResponseCode(422).setBody("{}")
                : stale(request) ? conflict() : super.handleUpdate(request));
  }

  @Override
  public MockResponse handlePatch(RecordedRequest request) {
    return write(() -> super.handlePatch(request));
  }

  @Override
  public MockResponse dispatch(RecordedRequest request) {
    if (unserved && !request.getPath().contains("watch=true")) {
      return new MockResponse().setResponseCode(404).setBody("404 page not found");
    }
    if ("DELETE".equals(request.getMethod()) && another(request)) {
      return conflict();
    }
    MockResponse answer = super.dispatch(request);
    return answer.code() == 404 ? missing(request.getPath()) : answer;
  }

  private static MockResponse missing(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    return new MockResponse()
        .setResponseCode(404)
        .setBody(
            "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"code\":404,\"reason\":\"NotFound\",\"details\":{\"name\":\"%s\"}}"
                .formatted(name));
  }

  /** Whether the object has not the UID that a deletion demands. */
  private boolean another(RecordedRequest request) {
    Map.Entry<?, String> current = findResource(getKey(request.getPath()));
    String options = new String(request.getBody().getBytes(), StandardCharsets.UTF_8);
    return current != null
        && options.contains("\"uid\"")
        && !options.contains(
            Serialization.unmarshal(
                    current.getValue(),
                    io.fabric8.kubernetes.api.model.GenericKubernetesResource.class)
                .getMetadata()
                .getUid());
  }

  @Override
  public MockResponse handleDelete(String path) {
    return write(
        () -> {
          down |= downOnceDeleted;
          return super.handleDelete(path);
        });
  }

  @Override
  public MockResponse handleGet(String path) {
    boolean list = path.contains("limit=") || path.contains("watch=true");
    if (watchless && path.contains("watch=true")) {
      return new MockResponse().setResponseCode(403).setBody("{}");
    }
    if (down && !list) {
      readsInVain.incrementAndGet();
      return unavailable();
    }
    return super.handleGet(path);
  }

  private synchronized MockResponse write(Supplier<MockResponse> call) {
    if (down) {
      return unavailable();
    }
    writes++;
    MockResponse answer = call.get();
    if (losesAnswer) {
      losesAnswer = false;
      return unavailable();
    }
    if (garblesAnswer) {
      garblesAnswer = false;
      return new MockResponse().setResponseCode(200).setBody("{}");
    }
    return answer;
  }

  private static MockResponse unavailable() {
    return new MockResponse().setResponseCode(503).setBody("{}");
  }

  private static MockResponse conflict() {
    return new MockResponse().setResponseCode(409).setBody("{}");
  }

  private boolean stale(RecordedRequest request) {
    String path = request.getPath();
    if (!path.endsWith(STATUS)) {
      return false;
    }
    Map.Entry<?, String> current = findResource(getKey(path));
    return current != null
        && !version(current.getValue())
            .equals(version(new String(request.getBody().getBytes(), StandardCharsets.UTF_8)));
  }

  private static String version(String json) {
    return Serialization.unmarshal(
            json, io.fabric8.kubernetes.api.model.GenericKubernetesResource.class)
        .getMetadata()
        .getResourceVersion();
  }
}
