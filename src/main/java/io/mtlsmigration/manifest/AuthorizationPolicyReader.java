// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.AuthorizationPolicy;
import io.mtlsmigration.mesh.AuthorizationPolicy.Action;
import io.mtlsmigration.mesh.AuthorizationPolicy.Peers;
import io.mtlsmigration.mesh.ObjectMeta;
import io.mtlsmigration.mesh.ObjectRef;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads an AuthorizationPolicy's conditions on the identity that mutual TLS gives a caller. */
final class AuthorizationPolicyReader {

  private static final List<Action> ACTIONS = List.of(Action.values());
  private static final String DRY_RUN = "istio.io/dry-run";
  private static final Set<String> CONDITIONS =
      Set.of("source.principal", "source.namespace", "source.serviceAccount");

  private AuthorizationPolicyReader() {}

  static AuthorizationPolicy read(ObjectRef ref, ManifestFields object) {
    IstioVersions.check(object, "v1", "v1beta1");
    ManifestFields spec = object.object("spec");
    ManifestFields metadata = object.object("metadata");
    List<Peers> peers = new ArrayList<>();
    Set<Integer> notPorts = new HashSet<>();
    for (ManifestFields rule : spec.objects("rules")) {
      peers.addAll(peers(rule));
      for (ManifestFields to : rule.objects("to")) {
        for (String port : to.object("operation").texts("notPorts")) {
          if (port.matches("[0-9]{1,5}")) {
            notPorts.add(Integer.parseInt(port));
          }
        }
      }
    }
    return new AuthorizationPolicy(
        ref,
        ObjectMeta.version(metadata.text("uid", ""), metadata.text("resourceVersion", "")),
        spec.object("selector").strings("matchLabels"),
        Binding.attached(spec),
        !"true".equals(metadata.strings("annotations").get(DRY_RUN)),
        spec.constant("action", ACTIONS).orElse(Action.ALLOW),
        notPorts,
        peers);
  }

  /**
   * Returns the peers of a rule. Sources are alternatives; the conditions of a rule apply to each
   * of them.
   */
  private static List<Peers> peers(ManifestFields rule) {
    boolean named = false;
    boolean excepted = false;
    for (ManifestFields condition : rule.objects("when")) {
      if (CONDITIONS.contains(condition.text("key", ""))) {
        named |= !condition.texts("values").isEmpty();
        excepted |= !condition.texts("notValues").isEmpty();
      }
    }
    List<Peers> peers = new ArrayList<>();
    for (ManifestFields from : rule.objects("from")) {
      ManifestFields source = from.object("source");
      boolean names = any(source, "principals", "namespaces", "serviceAccounts");
      boolean excepts = any(source, "notPrincipals", "notNamespaces", "notServiceAccounts");
      peers.add(new Peers(named || names, excepted || excepts));
    }
    if (peers.isEmpty()) {
      peers.add(new Peers(named, excepted));
    }
    return peers;
  }

  private static boolean any(ManifestFields source, String... lists) {
    boolean any = false;
    for (String list : lists) {
      any |= !source.texts(list).isEmpty();
    }
    return any;
  }
}
