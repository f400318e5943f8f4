// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.security.Needs;
import io.mtlsmigration.api.view.RatchetView;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import io.mtlsmigration.plan.Ratchet;
import io.mtlsmigration.rollout.InstalledRatchet;
import io.mtlsmigration.rollout.Observations;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepKey;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The ratchet, which keeps a locked mesh locked, for people to apply. */
@Path("/api/v1/ratchet")
@Tag(name = "Mesh")
public final class RatchetResource {

  private final Observations observations;
  private final RolloutLedger ledger;
  private final InstalledRatchet installed;

  RatchetResource(Observations observations, RolloutLedger ledger, InstalledRatchet installed) {
    this.observations = observations;
    this.ledger = ledger;
    this.installed = installed;
  }

  @GET
  @Needs(Verb.LIST)
  @Produces(MediaType.APPLICATION_JSON)
  @RunOnVirtualThread
  @Operation(
      operationId = "getRatchet",
      summary = "A ratchet for what is locked",
      description =
          "A ValidatingAdmissionPolicy with its binding and its entries, for the namespaces, and"
              + " the mesh, that plans have locked: PeerAuthentications weaker than STRICT are"
              + " refused, agreed exceptions and open namespaces left out. Nobody applies it but"
              + " you; the service lifts an entry before a rollback, an exemption, an added"
              + " exception or a clean-up. Also says what is installed now. As application/yaml"
              + " too.")
  public RatchetView ratchet() {
    Ratchet ratchet = offered();
    return RatchetView.of(
        ratchet, installed.read(), RatchetManifests.objects(ratchet, installed.namespace()));
  }

  @GET
  @Needs(Verb.LIST)
  @Produces(PlansResource.YAML + ";qs=0.5")
  @Operation(hidden = true)
  public String yaml() {
    return RatchetManifests.yaml(offered(), installed.namespace());
  }

  private Ratchet offered() {
    Map<String, List<PolicyException>> locked = new HashMap<>();
    Set<String> open = new TreeSet<>();
    boolean mesh = false;
    for (Map.Entry<String, NamespacePlans.OwningStep> entry :
        NamespacePlans.of(ledger).all().entrySet()) {
      String namespace = entry.getKey();
      NamespacePlans.OwningStep standing = entry.getValue();
      boolean held = standing.step().phase() == Phase.LOCKED;
      if (namespace.equals(StepKey.MESH.namespace())) {
        mesh = held;
        open.addAll(standing.plan().exempt().keySet());
      } else if (held) {
        locked.put(
            namespace,
            standing.plan().spec().exceptions().stream()
                .filter(exception -> exception.namespace().equals(namespace))
                .toList());
      } else {
        open.add(namespace);
      }
    }
    open.removeAll(locked.keySet());
    String root = observations.latest().modes().snapshot().settings().rootNamespace();
    return Ratchet.of(root, locked, open, mesh);
  }
}
