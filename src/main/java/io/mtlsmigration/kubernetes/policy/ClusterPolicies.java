// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.manifest.ManifestWriter;
import io.mtlsmigration.manifest.ObjectReader;
import io.mtlsmigration.manifest.ObjectReading;
import io.mtlsmigration.mesh.ObjectMeta.FieldOwner;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.PolicyWriter;
import io.mtlsmigration.rollout.WriteIntent;
import io.mtlsmigration.rollout.WriteResult;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The PeerAuthentications of a real API server.
 *
 * <p>A write is at most two requests: a read, then the change under the uid and the version that
 * the intent names. It is never repeated: when the outcome is unknown, the caller reads the state.
 * Each request ends within {@code timeout} and two seconds more.
 *
 * <p>Field ownership afterwards: a changed field is ours, whoever had it before; an unchanged one
 * keeps its owners. So after a rollback a person's value is back and the field still ours, until
 * the person writes it: applying the same value shares it, {@code kubectl edit} and client-side
 * apply take it, and only a server-side apply of another value reports a conflict.
 *
 * <p>Thread-safe.
 */
public final class ClusterPolicies implements PolicyWriter {

  /**
   * The default timeout: Istio's webhook takes up to ten seconds before the API server gives its
   * verdict.
   */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(12);

  private final PolicyApi api;
  private final Leadership leadership;
  private final List<String> personManagers;
  private final ObjectReader reader = new ObjectReader(Instant.EPOCH);

  /**
   * Creates the adapter.
   *
   * @param personManagers prefixes of field managers whose {@code spec.mtls.mode} may be adopted
   * @param leadership asked once more between a read and the write that is based on it
   * @param timeout of each request, in whole seconds; longer than the ten of Istio's webhook, or
   *     its silence cannot be told from the API server's
   */
  public ClusterPolicies(
      KubernetesClient client,
      List<String> personManagers,
      Leadership leadership,
      Duration timeout) {
    this.api = new PolicyApi(client, timeout);
    this.leadership = leadership;
    this.personManagers = List.copyOf(personManagers);
  }

  @Override
  public WriteResult apply(WriteIntent intent, boolean adopt) {
    return write(intent, adopt, false);
  }

  @Override
  public WriteResult dryRun(WriteIntent intent, boolean adopt) {
    WriteResult result = write(intent, adopt, true);
    if (result instanceof WriteResult.Applied(var policy)
        && policy != null
        && !policy.spec().equals(intent.change().after())) {
      return new WriteResult.Refused(
          intent.change().ref()
              + " would not be stored as written, but with "
              + policy.spec()
              + ": see what mutating webhook or policy changes it on its way");
    }
    return result;
  }

  @Override
  public Optional<PeerAuthentication> read(ObjectRef ref) {
    return switch (api.get(ref)) {
      case PolicyApiAnswer.Success(var object) -> Optional.of(readable(ref, object));
      case PolicyApiAnswer.Failure(var status) when Verdicts.absent(ref, status) ->
          Optional.empty();
      case PolicyApiAnswer.Failure(var status) ->
          throw unread(ref.toString(), Verdicts.remedy(ref, status));
      case PolicyApiAnswer.Silence(var detail) -> throw unread(ref.toString(), detail);
    };
  }

  @Override
  public Map<ObjectRef, String> versions(String namespace) {
    return versions(
        "the PeerAuthentications of namespace " + namespace,
        next -> api.policies(namespace, next),
        meta -> namespace);
  }

  @Override
  public Map<ObjectRef, String> versions() {
    return versions(
        "the PeerAuthentications of all namespaces",
        api::policies,
        meta -> meta.path("namespace").asText());
  }

  private static Map<ObjectRef, String> versions(
      String all, Function<String, PolicyApiAnswer> pages, Function<JsonNode, String> namespace) {
    Map<ObjectRef, String> versions = new HashMap<>();
    String next = "";
    do {
      JsonNode page = page(all, pages.apply(next));
      for (JsonNode item : page.path("items")) {
        JsonNode meta = item.path("metadata");
        versions.put(
            ObjectRef.peerAuthentication(namespace.apply(meta), meta.path("name").asText()),
            meta.path("uid").asText() + " " + meta.path("resourceVersion").asText());
      }
      next = page.path("metadata").path("continue").asText();
    } while (!next.isEmpty());
    return versions;
  }

  private static JsonNode page(String all, PolicyApiAnswer answer) {
    return switch (answer) {
      case PolicyApiAnswer.Success(var list) when list.path("items").isArray() -> list;
      case PolicyApiAnswer.Success(var other) -> throw unread(all, "this is no list");
      case PolicyApiAnswer.Failure(var status) -> throw unread(all, status.words());
      case PolicyApiAnswer.Silence(var detail) -> throw unread(all, detail);
    };
  }

  @Override
  public String namespaceUid(String name) {
    return switch (api.namespaces(name)) {
      case PolicyApiAnswer.Success(var list) -> list.at("/items/0/metadata/uid").asText();
      case PolicyApiAnswer.Failure(var status) -> throw unread("namespace " + name, status.words());
      case PolicyApiAnswer.Silence(var detail) -> throw unread("namespace " + name, detail);
    };
  }

  /** Returns the parsed policy. An unreadable object proves nothing, so it is no answer. */
  private PeerAuthentication readable(ObjectRef ref, JsonNode object) {
    return switch (reader.peerAuthentication(object)) {
      case ObjectReading.Understood<PeerAuthentication>(var policy) -> policy;
      case ObjectReading.NotUnderstood<PeerAuthentication> not ->
          throw unread(ref.toString(), why(not));
    };
  }

  private static PolicyReadException unread(String what, String detail) {
    return new PolicyReadException(
        "cannot read " + what + ": " + detail, new IllegalStateException(detail));
  }

  private static String why(ObjectReading.NotUnderstood<?> not) {
    return not.reasons().stream()
        .map(u -> u.field() + " " + u.reason())
        .reduce((a, b) -> a + "; " + b)
        .orElse("");
  }

  private WriteResult write(WriteIntent intent, boolean adopt, boolean dryRun) {
    PolicyChange change = intent.change();
    if (change.before() == null) {
      return create(intent, Objects.requireNonNull(change.after()), dryRun);
    }
    return switch (api.get(change.ref())) {
      case PolicyApiAnswer.Success(var object) -> onto(object, intent, adopt, dryRun);
      case PolicyApiAnswer.Failure(var status) -> Verdicts.of(change.ref(), status);
      case PolicyApiAnswer.Silence(var detail) ->
          new WriteResult.Unknown(detail + "; nothing was sent to be stored");
    };
  }

  private WriteResult create(WriteIntent intent, PeerAuthentication.Spec spec, boolean dryRun) {
    ObjectRef ref = intent.change().ref();
    ObjectNode object = ManifestWriter.peerAuthentication(ref, spec);
    object.withObject("/metadata").putObject("annotations").put(MARKER_ANNOTATION, intent.marker());
    return stored(ref, api.create(ref, object, dryRun));
  }

  /**
   * Returns the result of changing the object, if its state is still the one that the intent was
   * decided on.
   */
  private WriteResult onto(JsonNode object, WriteIntent intent, boolean adopt, boolean dryRun) {
    PolicyChange change = intent.change();
    ObjectRef ref = change.ref();
    WriteResult conflict = outdated(intent, object);
    if (conflict != null) {
      return conflict;
    }
    PeerAuthentication live;
    switch (reader.peerAuthentication(object)) {
      case ObjectReading.Understood<PeerAuthentication>(var policy) -> live = policy;
      case ObjectReading.NotUnderstood<PeerAuthentication> not -> {
        return new WriteResult.Refused(
            ref + " cannot be read: " + why(not) + "; correct or delete it");
      }
    }
    // The read may have taken half a minute, in which another replica may have become leader.
    if (!dryRun && !leadership.leads()) {
      return new WriteResult.Unknown("this process leads no more; nothing was sent to be stored");
    }
    FieldOwners owners = new FieldOwners(object);
    JsonNode spec = object.path("spec");
    if (change.after() == null) {
      WriteResult foreign = foreign(ref, owners, SpecDifference.all(spec), adopt);
      return foreign != null
          ? foreign
          : deleted(ref, api.delete(ref, intent.uid(), intent.resourceVersion(), dryRun));
    }
    boolean foreignMtls = !owners.others(FieldPath.of("mtls")).isEmpty();
    SpecDifference difference = new SpecDifference(spec, live.spec(), change.after(), foreignMtls);
    WriteResult foreign = foreign(ref, owners, difference.touched(), adopt);
    return foreign != null
        ? foreign
        : stored(ref, api.patch(ref, patch(intent, difference), dryRun));
  }

  private static @Nullable WriteResult outdated(WriteIntent intent, JsonNode object) {
    ObjectRef ref = intent.change().ref();
    JsonNode metadata = object.path("metadata");
    if (!intent.uid().equals(metadata.path("uid").asText())) {
      return new WriteResult.Conflict(ref + " was deleted and created anew");
    }
    String version = metadata.path("resourceVersion").asText();
    return intent.resourceVersion().equals(version)
        ? null
        : new WriteResult.Conflict(
            "%s is at version %s, not %s".formatted(ref, version, intent.resourceVersion()));
  }

  private static ObjectNode patch(WriteIntent intent, SpecDifference difference) {
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    patch
        .putObject("metadata")
        .put("uid", intent.uid())
        .put("resourceVersion", intent.resourceVersion());
    if (!difference.patch().isEmpty()) {
      patch.set("spec", difference.patch());
    }
    return patch;
  }

  private @Nullable WriteResult foreign(
      ObjectRef ref, FieldOwners owners, List<FieldPath> touched, boolean adopt) {
    for (FieldPath path : touched) {
      for (String manager : owners.others(path)) {
        boolean person = FieldOwner.isPerson(manager, personManagers);
        boolean adoptable = person && path.equals(FieldPath.MODE);
        if (!(adoptable && adopt)) {
          return new WriteResult.OwnedByOther(
              manager,
              ref
                  + ": conflict with \""
                  + manager
                  + "\" over "
                  + path
                  + (adoptable
                      ? ", which an approval or adopt: true takes over"
                      : ", which is never taken over"));
        }
      }
    }
    return null;
  }

  private WriteResult stored(ObjectRef ref, PolicyApiAnswer answer) {
    return switch (answer) {
      case PolicyApiAnswer.Success(var object) ->
          switch (reader.peerAuthentication(object)) {
            case ObjectReading.Understood<PeerAuthentication>(var policy) ->
                new WriteResult.Applied(policy);
            case ObjectReading.NotUnderstood<PeerAuthentication> not ->
                new WriteResult.Unknown(
                    "the API server took " + ref + ", but cannot be understood: " + why(not));
          };
      case PolicyApiAnswer.Failure(var status) -> Verdicts.of(ref, status);
      case PolicyApiAnswer.Silence(var detail) -> new WriteResult.Unknown(detail);
    };
  }

  private static WriteResult deleted(ObjectRef ref, PolicyApiAnswer answer) {
    return switch (answer) {
      case PolicyApiAnswer.Success ignored -> new WriteResult.Applied(null);
      case PolicyApiAnswer.Failure(var status) -> Verdicts.of(ref, status);
      case PolicyApiAnswer.Silence(var detail) -> new WriteResult.Unknown(detail);
    };
  }
}
