// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.mtls.EntryCall;
import io.mtlsmigration.mtls.Prediction;
import io.mtlsmigration.mtls.Reachability;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Pods of the mesh behind a host name for which sidecars send no mutual TLS. */
final class ServiceEntryWithoutMtls implements Rule {

  /** The hosts of an entry that are named; it may have hundreds. */
  private static final int NAMED = 5;

  @Override
  public void check(Inspection namespace) {
    if (namespace.sidecars().isEmpty()) {
      return;
    }
    Map<Told, SortedSet<String>> hosts = new LinkedHashMap<>();
    Reachability reachability = namespace.mesh().reachability();
    for (EntryCall call : reachability.entries().into(namespace.name())) {
      Pod server = call.backend().pod();
      if (server != null
          && server.dataPlane() == DataPlane.SIDECAR
          && namespace.wouldClose(server, call.backend().targetPort())
          && !disabledHere(namespace, call, server)) {
        Prediction prediction = withoutMtls(namespace, call);
        if (prediction != null) {
          int port = call.backend().targetPort();
          Told told =
              new Told(call.entry().ref(), port, server.workload(), cause(call, prediction));
          hosts.computeIfAbsent(told, ignored -> new TreeSet<>()).add(call.host());
        }
      }
    }
    hosts.forEach((told, of) -> report(namespace, told, of));
  }

  /** The key of a finding, which is reported once, whatever the number of hosts and pods. */
  private record Told(ObjectRef entry, int port, WorkloadRef workload, Cause cause) {}

  /** Returns whether clients follow this namespace's DISABLE, which ends before STRICT begins. */
  private static boolean disabledHere(Inspection namespace, EntryCall call, Pod server) {
    return !call.external()
        && call.entry().ref().namespace().equals(namespace.name())
        && (namespace.modes().mode().mode() == MtlsMode.DISABLE
            || namespace.modes().of(server).of(call.backend().targetPort()) == MtlsMode.DISABLE);
  }

  /** Returns traffic of a client that is not mutual TLS, one is enough; null when there is none. */
  private static @Nullable Prediction withoutMtls(Inspection namespace, EntryCall call) {
    Reachability reachability = namespace.mesh().reachability();
    for (Pod client : namespace.mesh().made(SidecarClients.class, SidecarClients::of).pods()) {
      Prediction prediction = reachability.predict(client, call);
      if (prediction != null && prediction.clientTls() != ClientTls.ISTIO_MUTUAL) {
        return prediction;
      }
    }
    return null;
  }

  private static void report(Inspection namespace, Told told, SortedSet<String> hosts) {
    namespace.report(
        HazardCode.SERVICE_ENTRY_WITHOUT_MTLS,
        told.entry(),
        told.port(),
        told.entry()
            + " leads "
            + words(hosts)
            + " to port "
            + told.port()
            + " of "
            + told.workload()
            + told.cause().message(),
        told.cause().remedy());
  }

  private static String words(SortedSet<String> hosts) {
    String named = hosts.stream().limit(NAMED).collect(Collectors.joining(", "));
    return hosts.size() <= NAMED ? named : named + " and " + (hosts.size() - NAMED) + " more hosts";
  }

  private record Cause(String message, String remedy) {}

  private static Cause cause(EntryCall call, Prediction prediction) {
    String rules =
        prediction.decidedBy().stream()
            .filter(ref -> ref.kind().equals("DestinationRule"))
            .map(ObjectRef::toString)
            .collect(Collectors.joining(", "));
    if (!rules.isEmpty()) {
      return new Cause(
          ", and by " + rules + " sidecars send it no mutual TLS, as STRICT would require.",
          "Set tls mode ISTIO_MUTUAL in " + rules + ".");
    }
    if (call.external()) {
      return new Cause(
          ", and is MESH_EXTERNAL: sidecars send it plaintext, which STRICT refuses.",
          "Set location: MESH_INTERNAL if this is the mesh's own.");
    }
    if (!call.mark().announcesIstioTls()) {
      return new Cause(
          " by an endpoint without label or service account: sidecars send it plaintext, which"
              + " STRICT refuses.",
          "Set the label " + Pod.TLS_MODE_LABEL + ": istio on the endpoint.");
    }
    return new Cause(
        ", and sidecars send it plaintext, which STRICT refuses: auto mTLS is off, or DISABLE in"
            + " force for the entry.",
        "Say tls mode ISTIO_MUTUAL in a DestinationRule for its host.");
  }
}
