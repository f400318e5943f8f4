// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.mesh.ObjectMeta;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.plan.DryRunPolicy;
import io.mtlsmigration.rollout.DryRunPolicies;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.PolicyWriter;
import io.mtlsmigration.rollout.WriteResult;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;

/**
 * Dry runs of STRICT on a real API server.
 *
 * <p>A sidecar enforces the policy when its annotation is lost or altered on the way, and then
 * refuses clients. So a server-side dry run first shows what would be stored, and the policy is
 * read back after the write; one that differs from what was written is deleted at once, under its
 * uid, without waiting for another turn of the loop. Nothing is sent twice: when the outcome is
 * unknown, the caller calls again and the state is read first.
 *
 * <p>Each request ends within {@code timeout} and two seconds more. Thread-safe.
 */
public final class ClusterDryRuns implements DryRunPolicies {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final String TRUE = "true";
  private static final String REMEDY = "see what mutating webhook or policy changes it on its way";

  private final PolicyApi api;
  private final Leadership leadership;

  /**
   * Creates the adapter.
   *
   * @param timeout of each request, in whole seconds; longer than the ten of Istio's webhook
   */
  public ClusterDryRuns(KubernetesClient client, Leadership leadership, Duration timeout) {
    this.api = new PolicyApi(client, timeout);
    this.leadership = leadership;
  }

  @Override
  public Placement place(DryRunPolicy policy, String marker) {
    ObjectRef ref = policy.ref();
    ObjectNode wanted = object(policy, marker);
    return switch (api.get(ref)) {
      case PolicyApiAnswer.Success(var there) when marker.equals(marker(there)) ->
          judged(ref, there, wanted, new Placement.Found(version(there)));
      case PolicyApiAnswer.Success ignored ->
          new Placement.Refused(ref + " exists already, and is not this plan's; delete it");
      case PolicyApiAnswer.Failure(var status) when Verdicts.absent(ref, status) ->
          create(wanted, ref);
      case PolicyApiAnswer.Failure(var status) -> verdict(ref, status);
      case PolicyApiAnswer.Silence(var detail) -> new Placement.Unknown(detail);
    };
  }

  /** Creates the policy: a server-side dry run first, then the real write. */
  private Placement create(ObjectNode wanted, ObjectRef ref) {
    switch (api.create(ref, wanted, true)) {
      case PolicyApiAnswer.Success(var would) -> {
        String difference = difference(would, wanted);
        if (!difference.isEmpty()) {
          return new Placement.Refused(ref + " would not be stored as written: " + difference);
        }
      }
      case PolicyApiAnswer.Failure(var status) -> {
        return verdict(ref, status);
      }
      case PolicyApiAnswer.Silence(var detail) -> {
        return new Placement.Unknown(detail + "; nothing was sent to be stored");
      }
    }
    // The dry run may have taken half a minute, in which another replica may have become leader.
    if (!leadership.leads()) {
      return new Placement.Unknown("this process leads no more; nothing was sent to be stored");
    }
    return switch (api.create(ref, wanted, false)) {
      case PolicyApiAnswer.Success(var stored) -> {
        Placement told = judged(ref, stored, wanted, new Placement.Placed());
        yield told instanceof Placement.Placed ? readBack(wanted, ref) : told;
      }
      case PolicyApiAnswer.Failure(var status) -> verdict(ref, status);
      case PolicyApiAnswer.Silence(var detail) -> new Placement.Unknown(detail);
    };
  }

  private Placement readBack(ObjectNode wanted, ObjectRef ref) {
    return switch (api.get(ref)) {
      case PolicyApiAnswer.Success(var there) when marker(there).equals(marker(wanted)) ->
          judged(ref, there, wanted, new Placement.Placed());
      case PolicyApiAnswer.Success ignored ->
          new Placement.Unknown(ref + " was replaced right after it was created");
      case PolicyApiAnswer.Failure(var status) ->
          new Placement.Unknown(Verdicts.remedy(ref, status));
      case PolicyApiAnswer.Silence(var detail) -> new Placement.Unknown(detail);
    };
  }

  /**
   * Judges a stored policy, and deletes it at once when it differs from what was requested.
   *
   * @param good the result when it is as requested
   */
  private Placement judged(ObjectRef ref, JsonNode there, ObjectNode wanted, Placement good) {
    String difference = difference(there, wanted);
    JsonNode metadata = there.path("metadata");
    if (difference.isEmpty()) {
      return metadata.has("deletionTimestamp")
          ? new Placement.Unknown(ref + " is being deleted")
          : good;
    }
    String what = ref + " was not stored as written: " + difference;
    return switch (api.delete(ref, metadata.path("uid").asText())) {
      case PolicyApiAnswer.Success ignored ->
          new Placement.Enforcing(what + "; it was deleted at once");
      case PolicyApiAnswer.Failure(var status) when Verdicts.absent(ref, status) ->
          new Placement.Enforcing(what + "; it is gone");
      case PolicyApiAnswer.Failure(var status) ->
          new Placement.Enforcing(
              what + "; it could not be deleted yet: " + Verdicts.remedy(ref, status));
      case PolicyApiAnswer.Silence(var detail) ->
          new Placement.Enforcing(what + "; it may not be deleted yet: " + detail);
    };
  }

  @Override
  public Removal remove(String namespace, String markerPrefix) {
    ObjectRef ref = new DryRunPolicy(namespace, Set.of()).ref();
    return switch (api.get(ref)) {
      case PolicyApiAnswer.Success(var there) when marker(there).startsWith(markerPrefix) ->
          delete(ref, there.path("metadata").path("uid").asText());
      case PolicyApiAnswer.Success ignored -> new Removal.Gone();
      case PolicyApiAnswer.Failure(var status) when Verdicts.absent(ref, status) ->
          new Removal.Gone();
      case PolicyApiAnswer.Failure(var status) -> new Removal.Failed(Verdicts.remedy(ref, status));
      case PolicyApiAnswer.Silence(var detail) -> new Removal.Failed(detail);
    };
  }

  /**
   * Deletes a policy, then verifies its absence: a finalizer may keep an object whose deletion the
   * API server has accepted.
   */
  private Removal delete(ObjectRef ref, String uid) {
    return switch (api.delete(ref, uid)) {
      case PolicyApiAnswer.Success ignored -> gone(ref, uid);
      case PolicyApiAnswer.Failure(var status) when Verdicts.absent(ref, status) ->
          new Removal.Gone();
      case PolicyApiAnswer.Failure(var status) -> new Removal.Failed(Verdicts.remedy(ref, status));
      case PolicyApiAnswer.Silence(var detail) -> new Removal.Failed(detail);
    };
  }

  private Removal gone(ObjectRef ref, String uid) {
    return switch (api.get(ref)) {
      case PolicyApiAnswer.Success(var there)
          when !uid.equals(there.path("metadata").path("uid").asText()) ->
          new Removal.Failed(ref + " was created anew right after it was deleted");
      case PolicyApiAnswer.Success(var there) ->
          new Removal.Failed(
              ref
                  + " is still there, held by the finalizers "
                  + there.path("metadata").path("finalizers"));
      case PolicyApiAnswer.Failure(var status) when Verdicts.absent(ref, status) ->
          new Removal.Gone();
      case PolicyApiAnswer.Failure(var status) -> new Removal.Failed(Verdicts.remedy(ref, status));
      case PolicyApiAnswer.Silence(var detail) -> new Removal.Failed(detail);
    };
  }

  /**
   * Returns the placement for a refusal. A webhook that is down is retried, and a conflict is
   * resolved at the next look.
   */
  private static Placement verdict(ObjectRef ref, ApiStatus status) {
    if (Verdicts.webhookSilent(status)) {
      return new Placement.Unknown(status.words() + "; nothing was stored");
    }
    return switch (Verdicts.of(ref, status)) {
      case WriteResult.Refused(var detail) -> new Placement.Refused(detail);
      case WriteResult.Conflict(var detail) -> new Placement.Unknown(detail);
      case WriteResult.Unknown(var detail) -> new Placement.Unknown(detail);
      case WriteResult.OwnedByOther(var manager, var detail) -> new Placement.Refused(detail);
      case WriteResult.Applied applied -> throw new AssertionError(applied);
    };
  }

  private static String version(JsonNode object) {
    JsonNode metadata = object.path("metadata");
    return ObjectMeta.version(
        metadata.path("uid").asText(), metadata.path("resourceVersion").asText());
  }

  private static String marker(JsonNode object) {
    return annotation(object, PolicyWriter.MARKER_ANNOTATION);
  }

  private static String annotation(JsonNode object, String name) {
    return object.path("metadata").path("annotations").path(name).asText("");
  }

  /**
   * Returns how the policy differs from the one requested: counted, not enforced, and removable by
   * us; empty when it does not differ.
   */
  private static String difference(JsonNode there, JsonNode wanted) {
    JsonNode annotations = there.path("metadata").path("annotations");
    JsonNode dryRun = annotations.path(DryRunPolicy.ANNOTATION);
    if (!dryRun.isTextual() || !dryRun.asText().equals(TRUE)) {
      return "its annotation "
          + DryRunPolicy.ANNOTATION
          + (dryRun.isMissingNode() ? " was taken away" : " is " + dryRun)
          + ", so sidecars would enforce it; "
          + REMEDY;
    }
    if (!marker(there).equals(marker(wanted))) {
      return "its annotation %s was changed, by which it is found again; %s"
          .formatted(PolicyWriter.MARKER_ANNOTATION, REMEDY);
    }
    return there.path("spec").equals(wanted.path("spec"))
        ? ""
        : "its spec is " + there.path("spec") + "; " + REMEDY;
  }

  private static ObjectNode object(DryRunPolicy policy, String marker) {
    ObjectNode object = NODES.objectNode();
    object.put("apiVersion", PolicyApi.GROUP + "/v1").put("kind", policy.ref().kind());
    object
        .putObject("metadata")
        .put("name", policy.ref().name())
        .put("namespace", policy.namespace())
        .putObject("annotations")
        .put(DryRunPolicy.ANNOTATION, TRUE)
        .put(PolicyWriter.MARKER_ANNOTATION, marker);
    ObjectNode spec = object.putObject("spec");
    spec.put("action", "DENY");
    ObjectNode rule = spec.putArray("rules").addObject();
    rule.putArray("from").addObject().putObject("source").putArray("notPrincipals").add("*");
    if (!policy.notPorts().isEmpty()) {
      ArrayNode ports = rule.putArray("to").addObject().putObject("operation").putArray("notPorts");
      new TreeSet<>(policy.notPorts()).forEach(port -> ports.add(port.toString()));
    }
    return object;
  }
}
