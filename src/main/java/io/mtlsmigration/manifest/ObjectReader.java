// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.EndpointSlice;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectMeta.FieldOwner;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.OtherObject;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.SidecarScope;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * Reads single objects, as the API serves them, into facts. For a live mesh, where each object
 * comes separately; {@link FactsReader} reads whole sets.
 */
public final class ObjectReader {

  private final Instant createdAt;
  private final List<String> persons;

  /**
   * Creates a reader.
   *
   * @param createdAt the age of objects without a creation time
   */
  public ObjectReader(Instant createdAt) {
    this(createdAt, FieldOwner.PERSONS);
  }

  /**
   * Creates a reader.
   *
   * @param createdAt the age of objects without a creation time
   * @param persons prefixes of field managers of people
   */
  public ObjectReader(Instant createdAt, List<String> persons) {
    this.createdAt = createdAt;
    this.persons = List.copyOf(persons);
  }

  /**
   * Reads a Pod.
   *
   * @param namespaceLabels of its namespace: a pod is ambient by its own label or by these
   */
  public ObjectReading<Pod> pod(
      JsonNode object, Map<String, String> namespaceLabels, WorkloadOwners owners) {
    return read(
        object,
        (ref, fields) ->
            PodReader.inContext(PodReader.pod(ref, fields, createdAt), namespaceLabels, owners));
  }

  /**
   * Reads a Pod without its context. Its workload is found by names only; {@link #inNamespace}
   * completes it.
   */
  public ObjectReading<Pod> pod(JsonNode object) {
    return pod(object, Map.of(), WorkloadOwners.UNKNOWN);
  }

  /**
   * Returns a pod in a namespace with these labels, which may make it ambient; the same object when
   * they make no difference.
   *
   * @param pod as {@link #pod(JsonNode)} read it
   */
  public static Pod inNamespace(Pod pod, Map<String, String> namespaceLabels) {
    return PodReader.inContext(pod, namespaceLabels, WorkloadOwners.UNKNOWN);
  }

  public ObjectReading<Service> service(JsonNode object) {
    return read(object, (ref, fields) -> ServiceReader.service(ref, fields, createdAt));
  }

  public ObjectReading<EndpointSlice> endpointSlice(JsonNode object) {
    return read(object, ServiceReader::endpointSlice);
  }

  public ObjectReading<PeerAuthentication> peerAuthentication(JsonNode object) {
    return read(
        object,
        (ref, fields) ->
            PeerAuthenticationReader.read(
                MetaReader.owned(ref, fields.object("metadata"), createdAt, persons), fields));
  }

  public ObjectReading<DestinationRule> destinationRule(JsonNode object) {
    return read(
        object,
        (ref, fields) ->
            DestinationRuleReader.read(
                MetaReader.meta(ref, fields.object("metadata"), createdAt), fields));
  }

  public ObjectReading<SidecarScope> sidecar(JsonNode object) {
    return read(
        object,
        (ref, fields) ->
            SidecarReader.read(MetaReader.meta(ref, fields.object("metadata"), createdAt), fields));
  }

  /** Reads an object that only hazards use. */
  public ObjectReading<OtherObject> other(JsonNode object) {
    return read(object, (ref, fields) -> OtherReader.read(ref, fields, createdAt));
  }

  /** Reads the template of a Job or CronJob. */
  public ObjectReading<OtherObject> jobTemplate(JsonNode object) {
    return read(object, OtherReader::jobTemplate);
  }

  /** Returns whether {@link #jobTemplate} applies to a Job: not done, and not a CronJob's. */
  public static boolean isJobTemplate(JsonNode job) {
    return OtherReader.isTemplate("Job", ManifestFields.of(job, new FieldErrors()));
  }

  /** Reads a Namespace into the facts of an empty one, with its labels and annotations. */
  public ObjectReading<NamespaceFacts> namespace(JsonNode object) {
    return read(object, NamespaceReader::read);
  }

  /** Returns whether {@link #meshSettings} applies to a ConfigMap. */
  public static boolean isMeshConfig(JsonNode configMap) {
    return MeshSettingsReader.isMeshConfig(ManifestFields.of(configMap, new FieldErrors()));
  }

  /** Reads istiod's ConfigMap ({@code istio}, or {@code istio-} and a revision). */
  public ObjectReading<MeshSettings> meshSettings(JsonNode configMap) {
    return read(configMap, (ref, fields) -> MeshSettingsReader.read(fields));
  }

  private static <T> ObjectReading<T> read(
      JsonNode object, BiFunction<ObjectRef, ManifestFields, T> reader) {
    FieldErrors faults = new FieldErrors();
    ManifestFields fields = ManifestFields.of(object, faults);
    ManifestFields metadata = fields.object("metadata");
    ObjectRef ref =
        Kinds.ref(
            fields.required("apiVersion"),
            fields.required("kind"),
            metadata.text("namespace", ""),
            metadata.required("name"));
    return faults.reading(ref, reader.apply(ref, fields));
  }
}
