// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.inventory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.mtlsmigration.manifest.ObjectReader;
import io.mtlsmigration.manifest.UnreadFields;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * No reader asks for what decoding skips: it would find it in manifests, and never in a cluster.
 */
final class UnreadFieldsTest {

  private static final String POD_SPEC =
      """
      {containers: [
        {name: istio-proxy, args: [proxy, sidecar], ports: [{containerPort: 1}]},
        {name: app, ports: [{containerPort: 80, name: http}],
         readinessProbe: {httpGet: {port: http}}, lifecycle: {preStop: {httpGet: {port: 1}}}}],
       initContainers: [
        {name: istio-init, args: ["-b", "*"]},
        {name: istio-proxy, restartPolicy: Always, args: [proxy, sidecar]}]}\
      """;

  /** Without its kind and name. Where no kind is named, the fields of its metadata are enough. */
  private static final Map<String, String> OBJECTS =
      Map.of(
          "Pod",
          """
          spec: %s
          status:
            containerStatuses: [{name: istio-proxy, state: {waiting: {}}, lastState: {}}]
            initContainerStatuses: [{name: istio-proxy, state: {waiting: {}}, lastState: {}}]
          """
              .formatted(POD_SPEC),
          "CronJob",
          "spec: {jobTemplate: {spec: {template: {spec: %s}}}}".formatted(POD_SPEC),
          "Job",
          "spec: {template: {spec: %s}}".formatted(POD_SPEC),
          "ConfigMap",
          "{metadata: {namespace: istio-system}, data: {mesh: 'rootNamespace: a'}}",
          "ValidatingWebhookConfiguration",
          "webhooks: [{name: a, clientConfig: {service: {name: a}}, rules: [{}]}]",
          "MutatingWebhookConfiguration",
          "webhooks: [{name: a, clientConfig: {service: {name: a}}, rules: [{}]}]");

  static Stream<WatchedKind<?>> kinds() {
    return WatchedKinds.ALL.stream();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void areNotAskedFor(WatchedKind<?> kind) throws IOException {
    String name = kind.resource().kind();
    ObjectNode object = (ObjectNode) new YAMLMapper().readTree(OBJECTS.getOrDefault(name, "{}"));
    object.put("kind", name);
    object.put("apiVersion", kind.resource().apiVersion(kind.resource().versions().getFirst()));
    object.withObject("/metadata").put("name", "istio");
    Set<String> asked = new TreeSet<>();

    JsonNode watched = watched(object, kind.unread(), "", asked);
    kind.counts(watched);
    kind.read(new ObjectReader(Instant.EPOCH), watched);

    assertEquals(Set.of(), asked);
  }

  /** Returns a copy that tells which of the unread fields it is asked for. */
  @SuppressWarnings("unchecked") // ObjectNode's own deepCopy, in any class that extends it
  private static JsonNode watched(
      JsonNode node, UnreadFields unread, String at, Set<String> asked) {
    if (node.isArray()) {
      ArrayNode copy = JsonNodeFactory.instance.arrayNode();
      node.forEach(one -> copy.add(watched(one, unread, at, asked)));
      return copy;
    }
    if (!node.isObject()) {
      return node;
    }
    ObjectNode copy =
        new ObjectNode(JsonNodeFactory.instance) {
          @Override
          public JsonNode path(String name) {
            if (unread.below(name).all()) {
              asked.add(at + " " + name);
            }
            return super.path(name);
          }
        };
    node.properties()
        .forEach(
            one ->
                copy.set(
                    one.getKey(),
                    watched(
                        one.getValue(),
                        unread.below(one.getKey()),
                        at + " " + one.getKey(),
                        asked)));
    return copy;
  }
}
