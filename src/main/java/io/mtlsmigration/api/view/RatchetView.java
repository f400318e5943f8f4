// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.plan.Ratchet;
import io.mtlsmigration.rollout.InstalledRatchet;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(
    name = "Ratchet",
    description =
        "A ValidatingAdmissionPolicy that refuses what would make locked namespaces, or the mesh,"
            + " weaker than STRICT. People apply it; the service lifts single entries before it"
            + " weakens something itself")
public record RatchetView(
    @Schema(description = "True when the mesh's own policy is locked") boolean mesh,
    @Schema(description = "Namespaces that are locked") List<Held> namespaces,
    @Schema(description = "Namespaces that stay open though the mesh is locked") List<String> open,
    @Schema(description = "What is installed now") Installed installed,
    @Schema(description = "ConfigMap, policy and binding, to be applied together")
        List<Object> objects) {

  @Schema(name = "RatchetEntry", description = "A namespace that the ratchet holds")
  public record Held(
      @Schema(description = "Name of the namespace") String namespace,
      @Schema(description = "Agreed exceptions: container port, or *, and labels")
          List<String> exceptions) {}

  /** The state of the ratchet in the cluster. */
  public enum RatchetState {
    ENFORCED,
    /** Its entries exist, but the policy or binding that reads them does not. */
    INCOMPLETE,
    ABSENT,
    UNKNOWN
  }

  @Schema(name = "InstalledRatchet", description = "The ratchet as the cluster has it")
  public record Installed(
      @Schema(description = "Whether it is there") RatchetState state,
      @Schema(description = "What is missing, or why nobody can say; empty when it is enforced")
          String detail,
      @Schema(description = "What it holds: namespaces, and _mesh for the mesh") List<String> held,
      @Schema(description = "What it names and does not hold") List<String> lifted) {

    private static Installed of(InstalledRatchet.State state) {
      return switch (state) {
        case InstalledRatchet.State.Present(var ratchet, var enforced, var detail) ->
            new Installed(
                enforced ? RatchetState.ENFORCED : RatchetState.INCOMPLETE,
                detail,
                ratchet.held(),
                ratchet.lifted());
        case InstalledRatchet.State.Absent(var detail) ->
            new Installed(RatchetState.ABSENT, detail, List.of(), List.of());
        case InstalledRatchet.State.Unknown(var detail) ->
            new Installed(RatchetState.UNKNOWN, detail, List.of(), List.of());
      };
    }
  }

  public static RatchetView of(Ratchet ratchet, InstalledRatchet.State installed, List<?> objects) {
    return new RatchetView(
        ratchet.holds(Ratchet.MESH),
        ratchet.held().stream()
            .filter(key -> !key.equals(Ratchet.MESH))
            .map(key -> new Held(key, ratchet.exceptions(key)))
            .toList(),
        ratchet.lifted(),
        Installed.of(installed),
        List.copyOf(objects));
  }
}
