// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What one caller asks of the API server, as its own audit log tells it. Source: {@code
 * audit.k8s.io/v1}.
 */
public final class RequestLog {

  private static final String POLICY = "audit-policy.yaml";
  private static final String LOG = "audit.log";
  private static final ObjectMapper JSON = new ObjectMapper();

  private RequestLog() {}

  /**
   * One request that was answered.
   *
   * @param verb of RBAC
   * @param resource with its group and subresource: {@code pods/exec}, {@code
   *     leases.coordination.k8s.io}
   * @param namespace empty for what is cluster-scoped, and for requests over all namespaces
   * @param status HTTP status
   */
  public record Request(String verb, String resource, String namespace, int status) {}

  /** Flags of kube-apiserver that have the requests of {@code user} recorded in {@code folder}. */
  static List<String> flags(Path folder, String user) {
    try {
      Files.createDirectories(folder);
      Files.writeString(
          folder.resolve(POLICY),
          """
          apiVersion: audit.k8s.io/v1
          kind: Policy
          omitStages: [RequestReceived]
          rules:
          - level: Metadata
            users: ["%s"]
          - level: None
          """
              .formatted(user));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.of(
        "--audit-policy-file=" + folder.resolve(POLICY), "--audit-log-path=" + folder.resolve(LOG));
  }

  static List<Request> read(Path folder) {
    List<Request> requests = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(folder.resolve(LOG))) {
        JsonNode event = JSON.readTree(line);
        JsonNode object = event.path("objectRef");
        // Discovery and health have no object.
        if (!object.isMissingNode()) {
          requests.add(
              new Request(
                  event.path("verb").asText(),
                  resource(object),
                  object.path("namespace").asText(),
                  event.path("responseStatus").path("code").asInt()));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return requests;
  }

  private static String resource(JsonNode object) {
    return name(
        object.path("apiGroup").asText(),
        object.path("resource").asText(),
        object.path("subresource").asText());
  }

  /** As RBAC's rules name it, with the group behind. */
  static String name(String group, String resource, String subresource) {
    return resource
        + (subresource.isEmpty() ? "" : "/" + subresource)
        + (group.isEmpty() ? "" : "." + group);
  }
}
