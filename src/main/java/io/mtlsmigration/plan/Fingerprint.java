// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Unreadable;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A hash of the facts that a plan was made from: namespaces, policies, captured workloads, and the
 * configuration of clients and services. Restarted pods and rewritten statuses do not change it.
 */
final class Fingerprint {

  /** Labels that differ between the pods of one workload, or from one restart to the next. */
  private static final Set<String> FLEETING =
      Set.of(
          "pod-template-hash",
          "controller-revision-hash",
          "pod-template-generation",
          "statefulset.kubernetes.io/pod-name",
          "apps.kubernetes.io/pod-index",
          "batch.kubernetes.io/controller-uid",
          "batch.kubernetes.io/job-name",
          "controller-uid",
          "job-name");

  private Fingerprint() {}

  static String of(MeshSnapshot snapshot) {
    Digest digest = new Digest();
    digest.line(snapshot.settings());
    snapshot.namespaces().values().forEach(facts -> add(digest, facts));
    return digest.hex();
  }

  private static void add(Digest digest, NamespaceFacts facts) {
    digest.line("namespace", facts.name(), facts.uid(), sorted(facts.labels()));
    facts.peerAuthentications().stream()
        .sorted(Comparator.comparing(PeerAuthentication::ref))
        .forEach(p -> add(digest, p));
    facts.unreadable().stream()
        .sorted(Comparator.comparing(Unreadable::ref))
        .forEach(u -> digest.line("unreadable", u.ref(), u.field()));
    facts.destinationRules().stream()
        .sorted(Comparator.comparing(DestinationRule::ref))
        .forEach(rule -> add(digest, rule));
    facts.services().stream()
        .sorted(Comparator.comparing(Service::ref))
        .forEach(s -> digest.line("service", s.ref(), s.type(), sorted(s.selector()), s.ports()));
    Set<String> shapes = new TreeSet<>();
    facts.pods().stream()
        .filter(pod -> !pod.terminated())
        .map(Fingerprint::shape)
        .forEach(shapes::add);
    shapes.forEach(shape -> digest.line("pods", shape));
  }

  private static void add(Digest digest, PeerAuthentication policy) {
    digest.line(
        "policy",
        policy.ref(),
        policy.meta().uid(),
        policy.meta().createdAt(),
        sorted(policy.spec().selector()),
        policy.spec().mode(),
        sorted(policy.spec().portModes()));
  }

  private static void add(Digest digest, DestinationRule rule) {
    digest.line("rule", rule.ref(), rule.host(), new TreeSet<>(rule.exportTo()));
    digest.line(sorted(rule.workloadSelector()), words(rule.trafficPolicy()));
    rule.subsets().stream()
        .sorted(Comparator.comparing(DestinationRule.Subset::name))
        .forEach(
            s -> digest.line("subset", s.name(), sorted(s.labels()), words(s.trafficPolicy())));
  }

  private static String words(DestinationRule.@Nullable TrafficPolicy policy) {
    return policy == null
        ? "none"
        : policy.tls() + " " + policy.passthrough() + " " + sorted(policy.ports());
  }

  private static String shape(Pod pod) {
    Map<String, String> labels = sorted(pod.labels());
    labels.keySet().removeAll(FLEETING);
    return String.join(
        " ",
        pod.workload().toString(),
        pod.dataPlane().toString(),
        labels.toString(),
        Boolean.toString(pod.hostNetwork()),
        pod.ports().toString(),
        Boolean.toString(pod.inbound().includesAll()),
        new TreeSet<>(pod.inbound().included()).toString(),
        new TreeSet<>(pod.inbound().excluded()).toString());
  }

  /** Sorts a map, because its own order differs from one run of the Java machine to the next. */
  private static <K extends Comparable<K>, V> Map<K, V> sorted(Map<K, V> map) {
    return new TreeMap<>(map);
  }
}
