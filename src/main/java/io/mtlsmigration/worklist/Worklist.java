// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.worklist;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.gates.Hold;
import io.mtlsmigration.rollout.gates.NamespaceHolds;
import io.mtlsmigration.rollout.gates.NamespaceState;
import io.mtlsmigration.worklist.Item.Unblocked;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The tasks, in order of what they unblock, and the progress of each owner.
 *
 * <p>A namespace is free when every item that blocks it is done. An item's <em>share</em> is the
 * number of namespaces that are freed when its turn comes, on average over all orders in which the
 * items may be done (its Shapley value). A namespace that n items block is freed by the last of
 * them, and each is the last equally often: so the share is the sum of 1/n over the namespaces that
 * the item blocks. Namespaces that it frees alone count in full, those that it frees together with
 * others in equal parts.
 *
 * @param items in the order of {@link Item#key}
 * @param owners by name, the items without an owner last
 */
public record Worklist(List<Item> items, List<Owner> owners) {

  /** One namespace, in units of {@link Item#share}. */
  public static final long WHOLE = 1_000_000;

  public Worklist {
    items = List.copyOf(items);
    owners = List.copyOf(owners);
  }

  /**
   * The progress of one owner.
   *
   * @param name null for items and namespaces without an owner
   * @param namespaces number of namespaces with the owner's labels, by state
   * @param items number of the owner's items
   * @param unblocks number of namespaces of any owner that these items block
   */
  public record Owner(
      @Nullable String name, Map<NamespaceState, Integer> namespaces, int items, int unblocks) {
    public Owner {
      namespaces = Map.copyOf(namespaces);
    }
  }

  /** Returns the worklist of an observation's holds. */
  public static Worklist of(Observation observation, List<NamespaceHolds> held, Owners owners) {
    Causes causes = new Causes(observation);
    Map<Cause.Key, ItemDraft> drafts = new HashMap<>();
    Map<String, Set<ItemDraft>> inTheWay = new HashMap<>();
    for (NamespaceHolds one : held) {
      for (Hold hold : one.holds()) {
        Cause cause = causes.of(one, hold).orElse(null);
        if (cause != null) {
          ItemDraft draft = drafts.computeIfAbsent(cause.key().once(), key -> new ItemDraft(cause));
          draft.add(cause, one.namespace(), hold);
          inTheWay.computeIfAbsent(one.namespace(), name -> new HashSet<>()).add(draft);
        }
      }
    }
    MeshSnapshot snapshot = observation.modes().snapshot();
    Remedies remedies = new Remedies(snapshot, observation.now());
    Map<String, Item> ordered = new TreeMap<>();
    for (ItemDraft draft : drafts.values()) {
      Map<String, Integer> others = new TreeMap<>();
      draft.namespaces().forEach(name -> others.put(name, in(inTheWay, name)));
      Item item = item(draft, others, remedies, owners);
      ordered.put(item.key(), item);
    }
    List<Item> items = List.copyOf(ordered.values());
    return new Worklist(items, owners(snapshot, held, inTheWay.keySet(), items, owners));
  }

  private static int in(Map<String, Set<ItemDraft>> inTheWay, String namespace) {
    return inTheWay.getOrDefault(namespace, Set.of()).size();
  }

  /** {@code sizes} has the number of items that block each namespace. */
  private static Item item(
      ItemDraft draft, Map<String, Integer> sizes, Remedies remedies, Owners owners) {
    Map<Integer, Integer> bySize = new TreeMap<>(); // summed in one order: doubles depend on it
    sizes.values().forEach(size -> bySize.merge(size, 1, Integer::sum));
    double share = 0;
    for (Map.Entry<Integer, Integer> alike : bySize.entrySet()) {
      share += (double) alike.getValue() / alike.getKey();
    }
    List<Unblocked> unblocks =
        sizes.entrySet().stream().map(e -> new Unblocked(e.getKey(), e.getValue() == 1)).toList();
    ObjectRef subject = draft.key().subject();
    return draft.item(
        owner(subject, owners),
        unblocks,
        bySize.getOrDefault(1, 0),
        Math.round(share * WHOLE),
        remedies.of(draft.key(), draft.ports(), draft.namespaces()));
  }

  private static @Nullable String owner(ObjectRef subject, Owners owners) {
    if (subject.kind().equals("Namespace")) {
      return owners.ofNamespace(subject.name());
    }
    return subject.namespace().isEmpty() ? null : owners.of(WorkloadRef.of(subject));
  }

  private static List<Owner> owners(
      MeshSnapshot snapshot,
      List<NamespaceHolds> held,
      Set<String> waitsForSomebody,
      List<Item> items,
      Owners owners) {
    Map<String, Map<NamespaceState, Integer>> namespaces = new HashMap<>();
    for (NamespaceHolds one : held) {
      if (!snapshot.isRoot(one.namespace())) {
        NamespaceState state =
            one.state() == NamespaceState.HELD && !waitsForSomebody.contains(one.namespace())
                ? NamespaceState.WAITING
                : one.state();
        String owner = Objects.requireNonNullElse(owners.ofNamespace(one.namespace()), "");
        namespaces
            .computeIfAbsent(owner, name -> new EnumMap<>(NamespaceState.class))
            .merge(state, 1, Integer::sum);
      }
    }
    Map<String, Set<String>> unblocks = new HashMap<>();
    Map<String, Integer> open = new HashMap<>();
    for (Item item : items) {
      String owner = Objects.requireNonNullElse(item.owner(), "");
      open.merge(owner, 1, Integer::sum);
      Set<String> all = unblocks.computeIfAbsent(owner, name -> new HashSet<>());
      item.unblocks().forEach(one -> all.add(one.namespace()));
    }
    Set<String> names = new LinkedHashSet<>(namespaces.keySet());
    names.addAll(open.keySet());
    return names.stream()
        .sorted(Comparator.comparing(String::isEmpty).thenComparing(Comparator.naturalOrder()))
        .map(
            name ->
                new Owner(
                    name.isEmpty() ? null : name,
                    namespaces.getOrDefault(name, Map.of()),
                    open.getOrDefault(name, 0),
                    unblocks.getOrDefault(name, Set.of()).size()))
        .toList();
  }
}
