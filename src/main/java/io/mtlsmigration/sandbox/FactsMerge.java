// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectMeta;
import io.mtlsmigration.mesh.ObjectMeta.FieldOwner;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.OtherObject;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Applies and deletes objects on facts. */
final class FactsMerge {

  private FactsMerge() {}

  /** Returns {@code before} with {@code added}; objects of the same name are replaced. */
  static NamespaceFacts merge(NamespaceFacts before, NamespaceFacts added) {
    Set<ObjectRef> unreadable =
        added.unreadable().stream().map(u -> u.ref()).collect(Collectors.toSet());
    return new NamespaceFacts(
        before.name(),
        before.uid(),
        added.labels(),
        added.annotations(),
        before.terminating(),
        pods(before.pods(), added.pods(), unreadable),
        byRef(before.services(), added.services(), s -> s.ref(), unreadable),
        byRef(before.endpointSlices(), added.endpointSlices(), s -> s.ref(), unreadable),
        policies(before.peerAuthentications(), added.peerAuthentications(), unreadable),
        byRef(before.destinationRules(), added.destinationRules(), r -> r.ref(), unreadable),
        byRef(before.sidecars(), added.sidecars(), s -> s.meta().ref(), unreadable),
        byRef(before.others(), added.others(), o -> o.ref(), unreadable),
        byRef(before.unreadable(), added.unreadable(), u -> u.ref(), readable(before, added)));
  }

  /** Merges cluster-scoped objects; those of the same name are replaced. */
  static List<OtherObject> merge(List<OtherObject> before, List<OtherObject> added) {
    return List.copyOf(byRef(before, added, o -> o.ref(), Set.of()));
  }

  /** Returns what was applied, a workload with its pods, and can be read. */
  private static Set<ObjectRef> readable(NamespaceFacts before, NamespaceFacts facts) {
    List<ObjectRef> refs = new ArrayList<>();
    before.unreadable().stream()
        .map(u -> u.ref())
        .filter(ref -> facts.pods().stream().anyMatch(p -> isOrOwns(ref, p)))
        .forEach(refs::add);
    facts.services().forEach(s -> refs.add(s.ref()));
    facts.endpointSlices().forEach(s -> refs.add(s.ref()));
    facts.peerAuthentications().forEach(p -> refs.add(p.ref()));
    facts.destinationRules().forEach(r -> refs.add(r.ref()));
    facts.others().forEach(o -> refs.add(o.ref()));
    facts.sidecars().forEach(s -> refs.add(s.meta().ref()));
    return Set.copyOf(refs);
  }

  /** Merges pods. A workload that is applied again is rolled out: its previous pods are gone. */
  private static List<Pod> pods(List<Pod> before, List<Pod> added, Set<ObjectRef> unreadable) {
    Set<Object> replaced = added.stream().map(p -> p.workload()).collect(Collectors.toSet());
    List<Pod> pods =
        new ArrayList<>(
            before.stream()
                .filter(p -> !replaced.contains(p.workload()) && !unreadable.contains(p.ref()))
                .toList());
    pods.addAll(added);
    return pods;
  }

  /** Merges policies. An object keeps its UID and age when it is applied again. */
  private static List<PeerAuthentication> policies(
      List<PeerAuthentication> before, List<PeerAuthentication> added, Set<ObjectRef> gone) {
    List<PeerAuthentication> updated =
        added.stream()
            .map(
                policy ->
                    before.stream()
                        .filter(old -> old.ref().equals(policy.ref()))
                        .findFirst()
                        .map(old -> update(old, policy))
                        .orElse(policy))
            .toList();
    return byRef(before, updated, p -> p.ref(), gone);
  }

  private static PeerAuthentication update(PeerAuthentication old, PeerAuthentication policy) {
    ObjectMeta meta = policy.meta();
    boolean sameMode = old.spec().mode() == policy.spec().mode();
    List<FieldOwner> owners = new ArrayList<>(meta.owners());
    if (owners.isEmpty()) {
      owners.add(new FieldOwner(ApiIdentity.KUBECTL, true, true));
    }
    Set<String> managers = owners.stream().map(FieldOwner::manager).collect(Collectors.toSet());
    for (FieldOwner owner : old.meta().owners()) {
      if (!managers.contains(owner.manager())) {
        // Whoever changes a value takes it over; other fields keep their owners.
        owners.add(sameMode ? owner : owner.withoutMode());
      }
    }
    return new PeerAuthentication(
        new ObjectMeta(
            meta.ref(),
            old.meta().uid(),
            "",
            old.meta().createdAt(),
            meta.labels(),
            meta.annotations(),
            owners,
            meta.held()),
        policy.spec());
  }

  private static <T> List<T> byRef(
      List<T> before, List<T> added, Function<T, ObjectRef> ref, Set<ObjectRef> gone) {
    Set<ObjectRef> replaced = added.stream().map(ref).collect(Collectors.toSet());
    List<T> result = new ArrayList<>();
    for (T old : before) {
      if (!replaced.contains(ref.apply(old)) && !gone.contains(ref.apply(old))) {
        result.add(old);
      }
    }
    result.addAll(added);
    return result;
  }

  /** Returns the facts without one object; a workload is removed with its pods. */
  static NamespaceFacts without(NamespaceFacts facts, ObjectRef ref) {
    return new NamespaceFacts(
        facts.name(),
        facts.uid(),
        facts.labels(),
        facts.annotations(),
        facts.terminating(),
        facts.pods().stream().filter(p -> !isOrOwns(ref, p)).toList(),
        facts.services().stream().filter(s -> !s.ref().equals(ref)).toList(),
        facts.endpointSlices().stream().filter(s -> !s.ref().equals(ref)).toList(),
        facts.peerAuthentications().stream().filter(p -> !p.ref().equals(ref)).toList(),
        facts.destinationRules().stream().filter(r -> !r.ref().equals(ref)).toList(),
        facts.sidecars().stream().filter(s -> !s.meta().ref().equals(ref)).toList(),
        facts.others().stream().filter(o -> !o.ref().equals(ref)).toList(),
        facts.unreadable().stream().filter(u -> !u.ref().equals(ref)).toList());
  }

  private static boolean isOrOwns(ObjectRef ref, Pod pod) {
    return pod.ref().equals(ref)
        || (pod.workload().kind().equals(ref.kind()) && pod.workload().name().equals(ref.name()));
  }
}
