// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.input.PageQuery;
import io.mtlsmigration.api.input.Paging;
import io.mtlsmigration.api.input.Sorting;
import io.mtlsmigration.api.security.Needs;
import io.mtlsmigration.api.view.FindingSort;
import io.mtlsmigration.api.view.FindingView;
import io.mtlsmigration.api.view.Page;
import io.mtlsmigration.api.view.PolicySort;
import io.mtlsmigration.api.view.PolicyView;
import io.mtlsmigration.api.view.WorkloadSort;
import io.mtlsmigration.api.view.WorkloadView;
import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.hazard.HazardCode;
import io.mtlsmigration.hazard.Severity;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Unreadable;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Observations;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Workloads, policies and findings across namespaces. */
@Path("/api/v1")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Inventory")
public final class InventoryResource {

  private final Observations observations;

  private final LatestOnly<Observation, List<Found>> everywhere =
      new LatestOnly<>(this::everywhere);

  private volatile Everywhere lastFound = new Everywhere(List.of(), List.of());

  InventoryResource(Observations observations) {
    this.observations = observations;
  }

  @GET
  @Path("/workloads")
  @Needs(Verb.LIST)
  @Operation(
      operationId = "listWorkloads",
      summary = "Workloads of the mesh",
      description =
          "With the mode in force for each container port and the policy that decides it.")
  public Page<WorkloadView> workloads(
      @QueryParam("namespace") @Parameter(description = "Only workloads of this namespace")
          @Nullable String namespace,
      @QueryParam("mode") @Parameter(description = WorkloadLists.OF_MODE) @Nullable MtlsMode mode,
      @QueryParam("sort") @Nullable Sorting<WorkloadSort> sorting,
      @BeanParam PageQuery page) {
    Observation observation = observations.latest();
    return WorkloadLists.page(
        observation.modes(),
        namespaces(observation, namespace),
        Namespaces.inForce(mode),
        sorting,
        page.paging());
  }

  @GET
  @Path("/policies")
  @Needs(Verb.LIST)
  @Operation(
      operationId = "listPolicies",
      summary = "Every PeerAuthentication and its standing",
      description =
          "Its scope and mode, and whether it is effective or why not. Policies that cannot be read"
              + " are listed too: they block.")
  public Page<PolicyView> policies(
      @QueryParam("namespace") @Parameter(description = "Only policies of this namespace")
          @Nullable String namespace,
      @QueryParam("mode")
          @Parameter(
              description =
                  "Only policies that declare this mode; UNSET for those that leave it to the scope"
                      + " above. Modes of their ports do not count")
          @Nullable MtlsMode mode,
      @QueryParam("sort") @Nullable Sorting<PolicySort> sorting,
      @BeanParam PageQuery page) {
    Paging paging = page.paging();
    Observation observation = observations.latest();
    Collection<NamespaceFacts> namespaces = namespaces(observation, namespace);
    Stream<PolicyView> wanted =
        namespaces.stream()
            .filter(ns -> sorting != null || WorkloadLists.reaches(ns.name(), paging))
            .flatMap(ns -> policies(observation.modes(), ns))
            .filter(policy -> mode == null || policy.mode() == mode);
    return Page.of(paging.cut(wanted, InventoryResource::key, sorting, InventoryResource::value));
  }

  private static @Nullable String value(PolicyView policy, PolicySort field) {
    return switch (field) {
      case NAMESPACE -> policy.namespace();
      case NAME -> policy.name();
      case CREATED_AT -> policy.createdAt() == null ? null : Sorting.instant(policy.createdAt());
    };
  }

  private static String key(PolicyView policy) {
    return policy.namespace() + "\n" + policy.name();
  }

  static Stream<PolicyView> policies(MeshModes modes, NamespaceFacts namespace) {
    // One object may have several unreadable fields; the list shows objects.
    Collection<Unreadable> unreadable =
        namespace.unreadable().stream()
            .filter(u -> u.ref().kind().equals("PeerAuthentication"))
            .collect(
                java.util.stream.Collectors.toMap(
                    Unreadable::ref, u -> u, (first, next) -> first, java.util.TreeMap::new))
            .values();
    return Stream.concat(
        modes.namespace(namespace.name()).policies().stream().map(PolicyView::of),
        unreadable.stream().map(PolicyView::of));
  }

  @GET
  @Path("/findings")
  @Needs(Verb.LIST)
  @Operation(
      operationId = "listFindings",
      summary = "Hazards that were met",
      description =
          "The most severe first, unless asked otherwise. Each says what happens and what to do.")
  public Page<FindingView> findings(
      @QueryParam("namespace") @Parameter(description = "Only hazards for this namespace")
          @Nullable String namespace,
      @QueryParam("severity") @Parameter(description = "Only hazards of this severity")
          @Nullable Severity severity,
      @QueryParam("code") @Parameter(description = "Only hazards of this rule")
          @Nullable HazardCode code,
      @QueryParam("sort") @Nullable Sorting<FindingSort> sorting,
      @BeanParam PageQuery page) {
    Observation observation = observations.latest();
    List<Found> found =
        namespace == null
            ? everywhere.of(observation)
            : ordered(
                observation.findings(Namespaces.required(observation, namespace).name()).stream());
    Stream<Found> findings =
        found.stream()
            .filter(f -> severity == null || f.finding.severity() == severity)
            .filter(f -> code == null || f.finding.code() == code);
    Paging.Part<Found> part =
        page.paging()
            .cutOrdered(findings, Found::key, sorting, (f, field) -> value(f.finding, field));
    return Page.of(part.map(f -> FindingView.of(f.finding)));
  }

  private static @Nullable String value(Finding finding, FindingSort field) {
    return switch (field) {
      case SEVERITY -> Sorting.place(finding.severity(), List.of(Severity.values()).reversed());
      case NAMESPACE -> finding.namespace();
      case CODE -> finding.code().name();
    };
  }

  /** A finding with its sort key, which is cheaper to keep than to compute. */
  private record Found(String key, Finding finding) {}

  /** The findings by namespace, and sorted, which is the expensive part. */
  private record Everywhere(List<List<Finding>> found, List<Found> ordered) {}

  private List<Found> everywhere(Observation observation) {
    List<List<Finding>> found =
        observation.modes().snapshot().namespaces().keySet().stream()
            .map(observation::findings)
            .toList();
    Everywhere known = lastFound;
    if (!known.found.equals(found)) { // nearly all are the same objects
      known = new Everywhere(found, ordered(found.stream().flatMap(List::stream)));
      lastFound = known;
    }
    return known.ordered;
  }

  private static List<Found> ordered(Stream<Finding> findings) {
    return findings
        .distinct()
        .map(finding -> new Found(FindingView.key(finding), finding))
        .sorted(Comparator.comparing(Found::key))
        .toList();
  }

  /** Returns all namespaces, or the one that a filter names; 404 when it does not exist. */
  private static Collection<NamespaceFacts> namespaces(
      Observation observation, @Nullable String name) {
    return name == null
        ? observation.modes().snapshot().namespaces().values()
        : List.of(Namespaces.required(observation, name));
  }
}
