// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.decisions;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectMeta;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.StepName;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.PolicyWriter;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.Words;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Recognises policies that this service has written, where no record may tell of them any more.
 * Pure.
 */
public final class OwnPolicies {

  private OwnPolicies() {}

  /**
   * All markers of one step begin with this. Objects that were made by older versions carry it too;
   * those of a step lie in its own namespace, so one called mesh is not taken for the mesh here.
   */
  public static String markerOf(PlanRecord plan, StepKey key) {
    return plan.uid() + ":" + (key.isMesh() ? StepName.MESH : key.namespace()) + ":";
  }

  /**
   * Returns whether a policy was created for a step: its marker says so, and is not that of a
   * policy with another name, of which somebody has made a copy. Markers of earlier releases name
   * none. Whoever writes a policy may write its marker: this service has to own its spec as well.
   */
  public static boolean created(PlanRecord plan, StepKey key, PeerAuthentication policy) {
    return marked(plan, key, policy) && policy.meta().owners().stream().anyMatch(OwnPolicies::owns);
  }

  /** Returns the policies that were created for a step. */
  public static List<PeerAuthentication> created(PlanRecord plan, StepKey key, MeshModes modes) {
    return in(key, modes).stream().filter(policy -> created(plan, key, policy)).toList();
  }

  private static boolean marked(PlanRecord plan, StepKey key, PeerAuthentication policy) {
    String marker = policy.meta().annotations().get(PolicyWriter.MARKER_ANNOTATION);
    if (marker == null || !marker.startsWith(markerOf(plan, key))) {
      return false;
    }
    String[] last = marker.substring(marker.lastIndexOf(':') + 1).split("-", 3);
    return last.length < 3 || last[2].equals(policy.ref().name());
  }

  /** Returns whether this service owns some of a policy's spec, or whoever does is not known. */
  public static boolean owned(PeerAuthentication policy) {
    List<ObjectMeta.FieldOwner> owners = policy.meta().owners();
    return owners.isEmpty() || owners.stream().anyMatch(OwnPolicies::owns);
  }

  /** Returns whether somebody else has set a policy's mode. */
  static boolean taken(@Nullable PeerAuthentication policy) {
    return policy != null
        && policy.meta().owners().stream().anyMatch(owner -> owner.ownsMode() && !ours(owner));
  }

  private static boolean owns(ObjectMeta.FieldOwner owner) {
    return ours(owner) && (owner.ownsMode() || owner.ownsSpec());
  }

  private static boolean ours(ObjectMeta.FieldOwner owner) {
    return owner.manager().equals(PolicyWriter.FIELD_MANAGER);
  }

  /**
   * Returns whether this service has written some of a policy's spec since a time of this machine,
   * as the API server dates it: while clocks are further apart than a minute, nothing is locked.
   */
  public static boolean wroteSince(PeerAuthentication policy, Instant since) {
    return policy.meta().owners().stream()
        .filter(OwnPolicies::owns)
        .map(ObjectMeta.FieldOwner::changedAt)
        .anyMatch(at -> at != null && at.isAfter(since.minus(Limits.CLOCKS_APART)));
  }

  /**
   * Returns the policies in a step's namespace that are STRICT by a write of this service, as far
   * as they tell themselves, and of which a ledger does not tell.
   */
  public static List<ObjectRef> untold(
      PlanRecord plan, StepKey key, List<LedgerEntry> ledger, MeshModes modes) {
    return in(key, modes).stream()
        .filter(policy -> strict(policy.spec()))
        .filter(policy -> madeStrict(policy, null) || marked(plan, key, policy))
        .map(PeerAuthentication::ref)
        .filter(ref -> ledger.stream().noneMatch(entry -> entry.ref().equals(ref)))
        .toList();
  }

  /**
   * Returns whether policies tell of a write for a step: one that was created for it, or one that
   * this service has made STRICT since the plan began. Another plan may have made that.
   */
  public static boolean writtenBy(PlanRecord plan, StepKey key, MeshModes modes) {
    Instant began = plan.startedAt();
    boolean strict =
        began != null
            && in(key, modes).stream()
                .anyMatch(policy -> strict(policy.spec()) && madeStrict(policy, began));
    return strict || !created(plan, key, modes).isEmpty();
  }

  /**
   * Returns whether this service has written its mode.
   *
   * @param since null for whenever that was
   */
  private static boolean madeStrict(PeerAuthentication policy, @Nullable Instant since) {
    return policy.meta().owners().stream()
        .filter(owner -> owner.ownsMode() && ours(owner))
        .map(ObjectMeta.FieldOwner::changedAt)
        .anyMatch(at -> since == null || (at != null && at.isAfter(since)));
  }

  /** Returns whether a spec refuses plaintext at some port. */
  public static boolean strict(PeerAuthentication.Spec spec) {
    return spec.mode() == MtlsMode.STRICT || spec.portModes().containsValue(MtlsMode.STRICT);
  }

  /** Returns the policies in a step's namespace, or in the root namespace for the mesh. */
  private static List<PeerAuthentication> in(StepKey key, MeshModes modes) {
    NamespaceFacts facts =
        key.isMesh() ? modes.snapshot().root() : modes.snapshot().namespace(key.namespace());
    return facts == null ? List.of() : facts.peerAuthentications();
  }

  /** Returns, in words, what is lost with the record of a step that somebody has deleted. */
  public static String lost(PlanRecord plan, StepKey key, MeshModes modes) {
    List<ObjectRef> untold = untold(plan, key, List.of(), modes);
    return "somebody has deleted its record, and with it how to undo what the plan wrote"
        + (untold.isEmpty()
            ? ""
            : "; STRICT, of this service by what is known, is in force by "
                + Words.list(untold.stream().map(ObjectRef::toString).toList()));
  }
}
