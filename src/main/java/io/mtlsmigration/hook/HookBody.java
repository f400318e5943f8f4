// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mtlsmigration.manifest.ManifestWriter;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.HookCall;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The body that is sent to a hook; docs/hooks.md is its contract. */
final class HookBody {

  private static final String API = "/api/v1";

  private HookBody() {}

  static byte[] of(HookCall call) {
    return json(call).toString().getBytes(StandardCharsets.UTF_8);
  }

  static ObjectNode json(HookCall call) {
    HookCall.Origin origin = call.origin();
    boolean mesh = origin.key().isMesh();
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("id", call.id());
    body.put("when", call.hook().when().name());
    body.put("plan", origin.plan());
    body.put("planUid", origin.planUid());
    body.put("generation", origin.generation());
    body.put("step", mesh ? "MESH" : "NAMESPACE");
    if (!mesh) {
      body.put("namespace", origin.key().namespace());
    }
    body.put("phase", call.phase().name());
    body.put("reason", call.reason().name());
    body.put("message", call.message());
    body.put("at", call.at().toString());
    ArrayNode objects = body.putArray("objects");
    call.objects().forEach(change -> objects.add(object(change)));
    links(body.putObject("links"), call);
    return body;
  }

  private static ObjectNode object(HookCall.Change change) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("apiVersion", "security.istio.io/v1");
    object.put("kind", change.ref().kind());
    object.put("namespace", change.ref().namespace());
    object.put("name", change.ref().name());
    object.put("purpose", change.purpose().name());
    object.set("before", spec(change.before()));
    object.set("after", spec(change.after()));
    return object;
  }

  private static JsonNode spec(PeerAuthentication.@Nullable Spec spec) {
    return spec == null ? NullNode.getInstance() : ManifestWriter.spec(spec);
  }

  private static void links(ObjectNode links, HookCall call) {
    HookCall.Origin origin = call.origin();
    boolean mesh = origin.key().isMesh();
    String plan = API + "/plans/" + origin.plan();
    String namespace = origin.key().namespace();
    links.put("plan", plan);
    links.put("step", plan + (mesh ? "/mesh" : "/namespaces/" + namespace));
    if (call.hook().when() == PlanSpec.Hook.When.BEFORE_LOCK) {
      links.put(
          "impact",
          API + (mesh ? "/mesh/impact" : "/namespaces/" + namespace + "/impact?mode=STRICT"));
    }
  }
}
