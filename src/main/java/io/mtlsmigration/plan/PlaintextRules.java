// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.Lifecycle.Probe;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.plan.AuthorizationDraft.Origin;
import io.mtlsmigration.plan.AuthorizationDraft.Rule;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.Edge;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Rules for the plaintext that may continue to reach one workload, with the origin of each. */
final class PlaintextRules {

  private static final String TCP = "tcp";

  private final OpenWorkload workload;
  private final List<Edge> observed;
  private final Set<Rule> rules = new LinkedHashSet<>();
  private final Set<String> notes = new LinkedHashSet<>();

  /** Ports that exceptions name; observed traffic does not widen them. */
  private final Set<Integer> listed = new TreeSet<>();

  private PlaintextRules(OpenWorkload workload, List<Edge> observed) {
    this.workload = workload;
    this.observed = observed;
  }

  /**
   * The rules of one workload, with notes on them.
   *
   * @param rules without the one for mesh identities
   */
  record Outcome(List<Rule> rules, List<String> notes) {}

  /**
   * Derives the rules.
   *
   * @param observed plaintext to this workload
   */
  static Outcome of(OpenWorkload workload, List<PolicyException> exceptions, List<Edge> observed) {
    PlaintextRules found = new PlaintextRules(workload, observed);
    for (PolicyException exception : exceptions) {
      if (workload.pods().stream().anyMatch(pod -> OpenPorts.selects(exception, pod))) {
        found.excepted(exception);
      }
    }
    workload.pods().forEach(found::probes);
    found.observed();
    if (!workload.bypassed().isEmpty()) {
      found.notes.add(
          "Ports %s of %s bypass the proxy: no policy protects them"
              .formatted(workload.bypassed(), workload.ref()));
    }
    return new Outcome(List.copyOf(found.rules), List.copyOf(found.notes));
  }

  private void excepted(PolicyException exception) {
    String why =
        "the exception of %s until %s: %s"
            .formatted(exception.owner(), exception.expires(), exception.reason());
    Integer named = exception.port();
    if (exception.plaintextPaths().isEmpty()) {
      if (named == null) {
        notes.add(
            "Of "
                + why
                + ": it opens all ports and lists no paths, so plaintext is drafted for what was"
                + " seen alone");
      } else {
        listed.add(named);
        rules.add(Rule.open(Origin.EXCEPTION, List.of(named), List.of(), why));
      }
      return;
    }
    paths(exception, why, named == null ? workload.ports() : new TreeSet<>(Set.of(named)));
  }

  private void paths(PolicyException exception, String why, NavigableSet<Integer> ports) {
    List<Integer> http = new ArrayList<>();
    List<Integer> whole = new ArrayList<>();
    for (int port : ports) {
      if (speaksHttp(port)) {
        http.add(port);
      } else if (exception.port() != null || workload.ambient()) {
        whole.add(port);
      }
    }
    listed.addAll(http);
    listed.addAll(whole);
    if (!http.isEmpty()) {
      rules.add(Rule.open(Origin.EXCEPTION, http, exception.plaintextPaths(), why));
    }
    if (!whole.isEmpty()) {
      rules.add(Rule.open(Origin.EXCEPTION, whole, List.of(), why));
      notes.add(
          "The paths "
              + exception.plaintextPaths()
              + " cannot be asked for on ports "
              + whole
              + ", where "
              + (workload.ambient() ? "ztunnel" : "the sidecar, which takes them for TCP,")
              + " sees no HTTP: a rule with paths would count as absent there and refuse all"
              + " plaintext, so these ports are open as a whole");
    }
    if (ports.isEmpty()) {
      notes.add(
          workload.ref()
              + " declares no port, and no Service leads to one: name the port in the exception to"
              + " have the paths "
              + exception.plaintextPaths()
              + " drafted");
    }
  }

  /** Returns whether a port is HTTP, by name or detection, and no client speaks anything else. */
  private boolean speaksHttp(int port) {
    boolean other =
        observed.stream().anyMatch(edge -> edge.port() == port && edge.protocol().equals(TCP));
    return !workload.ambient()
        && !other
        && (workload.http().contains(port) || !workload.ports().contains(port));
  }

  /** Adds rules for probes that a sidecar checks; ztunnel lets the kubelet in by itself. */
  private void probes(Pod pod) {
    if (pod.dataPlane() != DataPlane.SIDECAR) {
      return;
    }
    for (Probe probe : pod.lifecycle().probes()) {
      if (workload.ports().contains(probe.port()) && speaksHttp(probe.port())) {
        rules.add(
            Rule.open(
                Origin.KUBELET_PROBE,
                List.of(probe.port()),
                List.of(probe.path()),
                "the kubelet calls it in plaintext: the %s of container %s is not rewritten"
                    .formatted(probe.field(), probe.container())));
      }
    }
  }

  private void observed() {
    Map<NavigableSet<Integer>, List<Edge>> byPorts = new LinkedHashMap<>();
    for (Edge edge : observed) {
      NavigableSet<Integer> ports = ports(edge);
      if (!ports.isEmpty() && listed.containsAll(ports)) {
        notes.add(
            edge.client().id()
                + " was seen on ports "
                + ports
                + ", which exceptions list; whether it keeps to what they list cannot be told");
      }
      ports.removeAll(listed);
      if (!ports.isEmpty()) {
        byPorts.computeIfAbsent(ports, p -> new ArrayList<>()).add(edge);
      }
    }
    byPorts.forEach(this::seen);
  }

  /** Returns the ports that an edge may have gone to, without those that will be STRICT. */
  private NavigableSet<Integer> ports(Edge edge) {
    if (edge.port() == 0) {
      NavigableSet<Integer> any = new TreeSet<>(workload.ports());
      if (!edge.protocol().equals(TCP) && !workload.http().isEmpty()) {
        any.retainAll(workload.http());
      }
      return any;
    }
    boolean undeclared = workload.whole() && !workload.bypassed().contains(edge.port());
    return workload.ports().contains(edge.port()) || undeclared
        ? new TreeSet<>(Set.of(edge.port()))
        : new TreeSet<>();
  }

  private void seen(NavigableSet<Integer> ports, List<Edge> edges) {
    Set<String> callers =
        edges.stream().map(e -> e.client().id()).collect(Collectors.toCollection(TreeSet::new));
    Set<String> addresses = new TreeSet<>();
    boolean allKnown = true;
    for (Edge edge : edges) {
      Caller caller = edge.client();
      allKnown &= !caller.address().isEmpty();
      if (!caller.address().isEmpty()) {
        addresses.add(caller.address());
      }
    }
    boolean told = edges.stream().allMatch(edge -> edge.port() != 0);
    String why =
        "plaintext was seen from "
            + String.join(", ", callers)
            + (told ? "" : "; the evidence does not tell the port, so these are all it may be")
            + (allKnown
                ? ""
                : "; the evidence does not tell "
                    + (addresses.isEmpty() ? "addresses" : "all addresses")
                    + ", so anybody may call here");
    rules.add(
        new Rule(
            Origin.OBSERVED,
            List.of(),
            allKnown ? List.copyOf(addresses) : List.of(),
            List.copyOf(ports),
            List.of(),
            why));
    if (allKnown) {
      notes.add(
          "Addresses "
              + addresses
              + " are those that were seen: a pod that is replaced gets another one");
    }
  }
}
