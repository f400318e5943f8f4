// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import static io.mtlsmigration.mesh.MtlsMode.DISABLE;
import static io.mtlsmigration.mesh.MtlsMode.PERMISSIVE;
import static io.mtlsmigration.mesh.MtlsMode.STRICT;
import static io.mtlsmigration.mesh.MtlsMode.UNSET;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.PeerAuthentication.Spec;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes that a ratchet lets through or refuses. One table, for the rules as they are told in Java
 * and for the policy that a real API server runs: neither may differ from it.
 */
public final class RatchetCases {

  public static final String ROOT = "istio-system";

  /** Two locked namespaces, one of them with exceptions, and one that nobody speaks of. */
  public static final Ratchet NAMESPACES =
      Ratchet.of(
          Map.of(
              Ratchet.ROOT,
              ROOT,
              "foo",
              "STRICT\n* app=open tier=web\n9090 app=httpbin",
              "bar",
              "STRICT"));

  /** The same under a locked mesh; one namespace stays open. */
  public static final Ratchet MESH =
      Ratchet.of(
          Map.of(
              Ratchet.ROOT,
              ROOT,
              Ratchet.MESH,
              "STRICT",
              "foo",
              "STRICT\n* app=open tier=web\n9090 app=httpbin",
              "exempt",
              "OPEN"));

  private static final Map<String, String> HTTPBIN = Map.of("app", "httpbin");
  private static final Map<String, String> OPEN = Map.of("app", "open", "tier", "web");

  /**
   * A write.
   *
   * @param before null for a create
   * @param after null for a delete
   */
  public record Case(
      String name,
      Ratchet ratchet,
      String namespace,
      @Nullable Spec before,
      @Nullable Spec after,
      boolean refused) {

    @Override
    public String toString() {
      return name;
    }
  }

  private RatchetCases() {}

  public static List<Case> all() {
    return List.of(
        // the whole namespace
        admits("a STRICT default", "foo", null, whole(STRICT)),
        refuses("a PERMISSIVE default", "foo", null, whole(PERMISSIVE)),
        refuses("a DISABLE default", "foo", null, whole(DISABLE)),
        refuses("a default that says nothing", "foo", null, whole(UNSET)),
        refuses("STRICT made PERMISSIVE", "foo", whole(STRICT), whole(PERMISSIVE)),
        admits("PERMISSIVE made STRICT", "foo", whole(PERMISSIVE), whole(STRICT)),
        admits("a weak policy left as it is", "foo", whole(PERMISSIVE), whole(PERMISSIVE)),
        refuses("STRICT deleted", "foo", whole(STRICT), null),
        admits("PERMISSIVE deleted", "foo", whole(PERMISSIVE), null),
        refuses("STRICT narrowed to a workload", "foo", whole(STRICT), of(HTTPBIN, STRICT)),
        // workloads
        admits("a STRICT workload", "foo", null, of(HTTPBIN, STRICT)),
        admits("a workload that says nothing", "foo", null, of(HTTPBIN, UNSET)),
        refuses("a PERMISSIVE workload", "foo", null, of(HTTPBIN, PERMISSIVE)),
        admits("an agreed PERMISSIVE workload", "foo", null, of(OPEN, PERMISSIVE)),
        refuses("an agreed workload, but DISABLE", "foo", null, of(OPEN, DISABLE)),
        refuses("pods beyond the agreed ones", "foo", null, of(Map.of("app", "open"), PERMISSIVE)),
        admits(
            "some of the agreed pods",
            "foo",
            null,
            of(Map.of("app", "open", "tier", "web", "version", "1"), PERMISSIVE)),
        admits("a STRICT workload deleted", "foo", of(HTTPBIN, STRICT), null),
        // ports
        admits("the agreed port", "foo", null, port(HTTPBIN, 9090, PERMISSIVE)),
        refuses("another port", "foo", null, port(HTTPBIN, 8080, PERMISSIVE)),
        refuses("the agreed port, but DISABLE", "foo", null, port(HTTPBIN, 9090, DISABLE)),
        refuses(
            "the agreed port of others", "foo", null, port(Map.of("app", "x"), 9090, PERMISSIVE)),
        admits("any port of an agreed workload", "foo", null, port(OPEN, 1, PERMISSIVE)),
        admits("a STRICT port", "foo", null, port(HTTPBIN, 8080, STRICT)),
        refuses(
            "one port more",
            "foo",
            port(HTTPBIN, 9090, PERMISSIVE),
            new Spec(HTTPBIN, UNSET, Map.of(9090, PERMISSIVE, 8080, PERMISSIVE))),
        refuses("the exception of another namespace", "bar", null, port(HTTPBIN, 9090, PERMISSIVE)),
        // elsewhere
        admits("a namespace that is not locked", "other", null, whole(PERMISSIVE)),
        admits("the mesh while it is not locked", ROOT, null, whole(PERMISSIVE)),
        // under a locked mesh
        underMesh("the mesh made PERMISSIVE", ROOT, whole(STRICT), whole(PERMISSIVE), true),
        underMesh("the mesh's policy deleted", ROOT, whole(STRICT), null, true),
        underMesh("a mesh policy that says nothing", ROOT, null, whole(UNSET), true),
        underMesh("a selector in the root namespace", ROOT, null, of(HTTPBIN, DISABLE), false),
        underMesh("a namespace born since", "newborn", null, whole(PERMISSIVE), true),
        underMesh("what stays open", "exempt", null, whole(PERMISSIVE), false),
        underMesh("a namespace that follows the mesh", "foo", whole(STRICT), whole(UNSET), false),
        underMesh("a lock that the mesh holds too", "foo", whole(STRICT), null, false),
        underMesh("a namespace opened", "foo", whole(STRICT), whole(PERMISSIVE), true));
  }

  private static Case admits(
      String name, String namespace, @Nullable Spec before, @Nullable Spec after) {
    return new Case(name, NAMESPACES, namespace, before, after, false);
  }

  private static Case refuses(
      String name, String namespace, @Nullable Spec before, @Nullable Spec after) {
    return new Case(name, NAMESPACES, namespace, before, after, true);
  }

  private static Case underMesh(
      String name, String namespace, @Nullable Spec before, @Nullable Spec after, boolean refused) {
    return new Case("under a locked mesh: " + name, MESH, namespace, before, after, refused);
  }

  private static Spec whole(MtlsMode mode) {
    return Spec.of(mode);
  }

  private static Spec of(Map<String, String> selector, MtlsMode mode) {
    return new Spec(selector, mode, Map.of());
  }

  private static Spec port(Map<String, String> selector, int port, MtlsMode mode) {
    return new Spec(selector, UNSET, Map.of(port, mode));
  }
}
