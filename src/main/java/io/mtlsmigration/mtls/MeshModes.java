// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.OtherObject;
import io.mtlsmigration.mesh.PeerAuthentication;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The effective modes of a whole snapshot, resolved once and immutable. */
public final class MeshModes {

  private final MeshSnapshot snapshot;
  private final PolicyScopes.Mesh mesh;

  /** In the order of the snapshot, so that a refresh walks both side by side without hashing. */
  private final NamespaceModes[] namespaces;

  /** The index of each namespace; shared between refreshes while the namespaces are the same. */
  private final Map<String, Integer> places;

  /** Built on first use; two threads that race build the same answer twice. */
  private volatile @Nullable Reachability reachability;

  /** Counted on first use, like {@link #reachability}. */
  private volatile @Nullable MeshTally tally;

  /** Values computed from the facts alone, by type, as far as they were requested. */
  private Map<Class<?>, Object> made = new ConcurrentHashMap<>();

  private MeshModes(
      MeshSnapshot snapshot,
      PolicyScopes.Mesh mesh,
      NamespaceModes[] namespaces,
      Map<String, Integer> places) {
    this.snapshot = snapshot;
    this.mesh = mesh;
    this.namespaces = namespaces;
    this.places = places;
  }

  /** Resolves every namespace. */
  public static MeshModes resolve(MeshSnapshot snapshot) {
    PolicyScopes.Mesh mesh = PolicyScopes.mesh(snapshot.root());
    NamespaceModes[] namespaces = new NamespaceModes[snapshot.namespaces().size()];
    int place = 0;
    for (NamespaceFacts facts : snapshot.namespaces().values()) {
      namespaces[place++] = new NamespaceModes(facts, mesh);
    }
    return new MeshModes(snapshot, mesh, namespaces, places(namespaces));
  }

  /**
   * Returns the modes of {@code next}, re-resolving only namespaces whose facts are not the same
   * object as before (all of them when the root namespace's policies changed).
   */
  public MeshModes refresh(MeshSnapshot next) {
    if (next.sharesFacts(snapshot)) {
      MeshModes same = new MeshModes(next, mesh, namespaces, places);
      same.reachability = reachability; // from the same facts
      same.tally = tally;
      same.made = made;
      return same;
    }
    boolean sameRoot =
        next.settings().rootNamespace().equals(snapshot.settings().rootNamespace())
            && next.root().peerAuthentications().equals(snapshot.root().peerAuthentications());
    if (!sameRoot) {
      return resolve(next);
    }
    Difference difference = new Difference(namespaces);
    next.namespaces().forEach(difference);
    if (difference.namesDiffer()) {
      return resolveUnknown(next);
    }
    NamespaceModes[] refreshed = namespaces.clone();
    difference.changed.forEach(
        (place, facts) -> refreshed[place] = new NamespaceModes(facts, mesh));
    MeshModes modes = new MeshModes(next, mesh, refreshed, places);
    MeshTally counted = tally;
    if (counted != null) {
      for (int place : difference.changed.keySet()) {
        counted = counted.with(namespaces[place].tally(), refreshed[place].tally());
      }
      modes.tally = counted;
    }
    return modes;
  }

  /** Walks a snapshot beside the known namespaces: nearly all of them are the same objects. */
  private static final class Difference implements BiConsumer<String, NamespaceFacts> {
    private final NamespaceModes[] known;
    private final Map<Integer, NamespaceFacts> changed = new HashMap<>();
    private int place;
    private boolean otherNames;

    Difference(NamespaceModes[] known) {
      this.known = known;
    }

    @Override
    public void accept(String name, NamespaceFacts facts) {
      if (place >= known.length) {
        otherNames = true;
      } else if (!known[place].isOf(facts)) {
        otherNames |= !known[place].namespace().equals(name);
        changed.put(place, facts);
      }
      place++;
    }

    boolean namesDiffer() {
      return otherNames || place != known.length;
    }
  }

  /** Resolves a snapshot with added or removed namespaces; the others are found by name. */
  private MeshModes resolveUnknown(MeshSnapshot next) {
    NamespaceModes[] resolved = new NamespaceModes[next.namespaces().size()];
    int place = 0;
    for (NamespaceFacts facts : next.namespaces().values()) {
      Integer known = places.get(facts.name());
      NamespaceModes before = known == null ? null : namespaces[known];
      resolved[place++] =
          before != null && before.isOf(facts) ? before : new NamespaceModes(facts, mesh);
    }
    return new MeshModes(next, mesh, resolved, places(resolved));
  }

  private static Map<String, Integer> places(NamespaceModes[] namespaces) {
    Map<String, Integer> places = HashMap.newHashMap(namespaces.length);
    for (int place = 0; place < namespaces.length; place++) {
      places.put(namespaces[place].namespace(), place);
    }
    return places;
  }

  public MeshSnapshot snapshot() {
    return snapshot;
  }

  /** Returns the mesh-wide mode and the root-namespace policy that decides it. */
  public EffectiveMode mesh() {
    return mesh.mode();
  }

  /** Returns the modes in a namespace; for an unknown one, those that it would inherit. */
  public NamespaceModes namespace(String name) {
    NamespaceModes known = known(name);
    return known == null ? new NamespaceModes(NamespaceFacts.empty(name), mesh) : known;
  }

  /**
   * Returns the modes in a namespace that exists; the same object until its facts, or the mesh-wide
   * policies, are others.
   */
  public @Nullable NamespaceModes known(String name) {
    Integer place = places.get(name);
    return place == null ? null : namespaces[place];
  }

  /** {@link #known} for whoever asks in name order, and knows most of the answers: no hashing. */
  public final class Walk {
    private int place;

    /** Returns the modes; {@code likely} are those of that name in other modes. */
    @SuppressWarnings("ReferenceEquality") // the same object = nothing changed
    public @Nullable NamespaceModes known(String name, @Nullable NamespaceModes likely) {
      if (place < namespaces.length && namespaces[place] == likely) {
        place++;
        return likely;
      }
      Integer found = places.get(name);
      if (found == null) {
        return null;
      }
      place = found + 1;
      return namespaces[found];
    }
  }

  /** Returns what is the same object as long as {@link #known} answers the same for each name. */
  public Object version() {
    return namespaces;
  }

  /** Returns whether the other has the same namespaces; false means nothing. */
  @SuppressWarnings("ReferenceEquality")
  public boolean sharesNames(MeshModes other) {
    return places == other.places;
  }

  /** Returns the reachability under these modes. */
  public Reachability reachability() {
    Reachability known = reachability;
    if (known == null) {
      known = new Reachability(this);
      reachability = known;
    }
    return known;
  }

  /** Returns the mesh in numbers; counted once, and then only what changes. */
  public MeshTally tally() {
    MeshTally known = tally;
    if (known == null) {
      known = MeshTally.of(namespaces);
      tally = known;
    }
    return known;
  }

  /** Returns all objects of one of the kinds that only hazards read, in namespace order. */
  @SuppressWarnings("unchecked") // the list under a type has elements of that type
  public <T extends OtherObject> List<T> others(Class<T> type) {
    return (List<T>)
        made.computeIfAbsent(
            type,
            ignored -> {
              List<T> all = new ArrayList<>();
              for (NamespaceModes namespace : namespaces) {
                all.addAll(namespace.facts().others(type));
              }
              snapshot.clusterObjects().stream()
                  .filter(type::isInstance)
                  .forEach(object -> all.add(type.cast(object)));
              return List.copyOf(all);
            });
  }

  /**
   * Returns a value that another package computes from the facts, whatever the modes; computed
   * once, and kept while the facts are the same.
   *
   * @param make computes it from the snapshot's facts alone
   */
  public <T> T made(Class<T> type, Function<MeshSnapshot, T> make) {
    return type.cast(made.computeIfAbsent(type, ignored -> make.apply(snapshot)));
  }

  /** Returns every policy of the snapshot with its standing, in namespace and name order. */
  public List<PolicyStanding> policies() {
    List<PolicyStanding> all = new ArrayList<>();
    for (NamespaceModes namespace : namespaces) {
      all.addAll(namespace.policies());
    }
    return List.copyOf(all);
  }

  /** Returns the winner of the mesh scope, if any. */
  public Optional<PeerAuthentication> meshPolicy() {
    return Optional.ofNullable(mesh.winner());
  }
}
