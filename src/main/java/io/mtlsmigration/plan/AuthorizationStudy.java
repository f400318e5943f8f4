// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.AuthorizationPolicy;
import io.mtlsmigration.mesh.AuthorizationPolicy.Action;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.AuthorizationDraft.Rule;
import io.mtlsmigration.plan.AuthorizationDrafts.Outlook;
import io.mtlsmigration.plan.AuthorizationDrafts.Undrafted;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Drafts AuthorizationPolicies for what stays open in a namespace, which is step 6 of Istio's
 * "Mutual TLS Migration" task: plaintext that is let in passes without authentication or
 * authorization, so only plaintext that somebody is responsible for should get in.
 *
 * <p>An ALLOW policy refuses everything else on its pods. Therefore it has to name all mesh
 * identities, must not select gateways, whose clients have no mesh identity, and may hold HTTP
 * rules only where the proxy parses HTTP. A pod that another ALLOW policy decides for gets no rule
 * for mesh identities: that policy may be meant to keep some of them out, and ALLOW policies add
 * up.
 */
public final class AuthorizationStudy {

  private static final int NAME_LENGTH = 40;

  private final NamespaceFacts facts;
  private final MeshModes then;
  private final Neighbours neighbours;
  private final List<PolicyException> exceptions;
  private final List<Edge> plaintext;
  private final List<AuthorizationDraft> drafts = new ArrayList<>();
  private final List<Undrafted> undrafted = new ArrayList<>();
  private final Set<String> notes = new LinkedHashSet<>();

  private AuthorizationStudy(
      MeshModes then, String namespace, List<PolicyException> exceptions, List<Edge> plaintext) {
    this.then = then;
    this.facts = then.namespace(namespace).facts();
    this.neighbours = Neighbours.of(then.snapshot(), facts);
    this.exceptions = exceptions;
    this.plaintext = plaintext;
  }

  /**
   * Drafts the policies of one namespace.
   *
   * @param spec the plan whose exceptions count, and that locks the namespace when {@code outlook}
   *     says so
   * @param evidence evidence of plaintext clients; gaps in it are reported as missing
   */
  public static AuthorizationDrafts of(
      MeshModes modes,
      String namespace,
      PlanSpec spec,
      Outlook outlook,
      Evidence<NamespaceTraffic> evidence) {
    MeshModes then =
        Preview.after(ScopeModes.only(modes, namespace), changes(modes, namespace, spec, outlook));
    List<Edge> plaintext =
        evidence instanceof Evidence.Measured<NamespaceTraffic> measured
            ? measured.value().plaintext()
            : List.of();
    AuthorizationStudy study =
        new AuthorizationStudy(
            then, namespace, NamespaceLock.exceptions(spec, namespace), plaintext);
    return study.drafts(outlook, evidence);
  }

  private static List<PolicyChange> changes(
      MeshModes modes, String namespace, PlanSpec spec, Outlook outlook) {
    return switch (outlook) {
      case LOCKED -> Preview.namespace(modes, namespace, spec).changes();
      case EXEMPT -> Preview.exempt(modes, namespace, spec).changes();
      case AS_IT_IS -> List.of();
    };
  }

  /** An open workload with its rules. */
  private record Subject(
      OpenWorkload workload,
      List<Rule> rules,
      List<String> notes,
      List<AuthorizationPolicy> governing) {

    boolean allowedByOthers() {
      return Neighbours.allows(governing);
    }
  }

  private AuthorizationDrafts drafts(Outlook outlook, Evidence<NamespaceTraffic> evidence) {
    List<OpenWorkload> open = OpenWorkload.of(then, facts.name());
    List<Subject> subjects = new ArrayList<>();
    for (OpenWorkload workload : open) {
      String obstacle = obstacle(workload);
      if (obstacle == null) {
        subjects.add(subject(workload));
      } else {
        undrafted.add(new Undrafted(workload.ref(), obstacle));
      }
    }
    boolean all = coversAll(subjects, open);
    if (all) {
      draft(Map.of(), List.of(Rule.MESH_IDENTITIES), subjects, AuthorizationDraft.NAME);
    }
    groups(subjects).forEach(group -> draft(group, all));
    List<String> missing = open.isEmpty() ? List.of() : missing(evidence);
    remarks(open);
    return new AuthorizationDrafts(
        facts.name(),
        outlook,
        open.stream().map(OpenWorkload::ref).toList(),
        drafts,
        undrafted,
        missing,
        List.copyOf(notes));
  }

  private @Nullable String obstacle(OpenWorkload workload) {
    if (then.snapshot().isRoot(facts.name())) {
      return "a policy in the root namespace reaches pods of every namespace; draft it by hand";
    }
    ObjectRef disabledBy = workload.disabledBy();
    return disabledBy == null
        ? null
        : disabledBy
            + " says DISABLE: nobody can show an identity there, so a policy that asks for one"
            + " would refuse the mesh itself; go to PERMISSIVE first";
  }

  private Subject subject(OpenWorkload workload) {
    List<AuthorizationPolicy> governing = neighbours.governing(workload);
    List<Edge> seen =
        plaintext.stream().filter(edge -> edge.server().equals(workload.ref())).toList();
    PlaintextRules.Outcome found = PlaintextRules.of(workload, exceptions, seen);
    if (!Neighbours.allows(governing)) {
      return new Subject(workload, found.rules(), found.notes(), governing);
    }
    // Requests that get through today are allowed by those policies of others, and need no rule of
    // ours.
    List<Rule> listed =
        found.rules().stream()
            .filter(rule -> rule.origin() == AuthorizationDraft.Origin.EXCEPTION)
            .toList();
    return new Subject(workload, listed, found.notes(), governing);
  }

  /** Returns whether one policy without a selector may carry the rule for mesh identities. */
  private boolean coversAll(List<Subject> subjects, List<OpenWorkload> open) {
    if (subjects.isEmpty()
        || subjects.size() < open.size()
        || then.namespace(facts.name()).mode().mode() != MtlsMode.PERMISSIVE
        || subjects.stream().anyMatch(Subject::allowedByOthers)) {
      return false;
    }
    List<String> gateways =
        facts.pods().stream()
            .filter(pod -> !pod.terminated() && pod.gateway())
            .map(pod -> pod.workload().toString())
            .distinct()
            .toList();
    if (!gateways.isEmpty()) {
      notes.add(
          ("No policy is drafted for all pods of %s: it would govern %s too, whose clients need no"
                  + " identity of the mesh")
              .formatted(facts.name(), String.join(", ", gateways)));
    }
    return gateways.isEmpty();
  }

  /** Groups subjects with equal rules into one policy, if labels allow. */
  private List<List<Subject>> groups(List<Subject> subjects) {
    Map<List<Object>, List<Subject>> alike = new LinkedHashMap<>();
    for (Subject subject : subjects) {
      List<Object> key =
          List.of(
              subject.rules().stream().map(Rule::bare).collect(Collectors.toSet()),
              new HashSet<>(subject.governing()));
      alike.computeIfAbsent(key, k -> new ArrayList<>()).add(subject);
    }
    List<List<Subject>> groups = new ArrayList<>();
    for (List<Subject> group : alike.values()) {
      if (group.size() == 1 || labels(group) != null) {
        groups.add(group);
      } else {
        group.forEach(subject -> groups.add(List.of(subject)));
      }
    }
    return groups;
  }

  private @Nullable Map<String, String> labels(List<Subject> group) {
    return OwnLabels.of(group.stream().map(Subject::workload).toList(), facts, exceptions);
  }

  private void draft(List<Subject> group, boolean identitiesDrafted) {
    List<Rule> rules = new ArrayList<>();
    boolean others = group.getFirst().allowedByOthers();
    if (!identitiesDrafted && !others) {
      rules.add(Rule.MESH_IDENTITIES);
    }
    rules.addAll(group.getFirst().rules());
    if (rules.isEmpty()) {
      if (others) {
        leftToOthers(group);
      }
      return;
    }
    Map<String, String> labels = labels(group);
    if (labels == null) {
      group.forEach(
          subject ->
              undrafted.add(
                  new Undrafted(
                      subject.workload().ref(),
                      "its labels do not set its pods apart from others with a proxy, so a policy"
                          + " would govern those too: give them a label of their own")));
      return;
    }
    draft(labels, rules, group, AuthorizationDraft.NAME + "-" + slug(labels));
  }

  private void leftToOthers(List<Subject> group) {
    for (Subject subject : group) {
      String names =
          subject.governing().stream()
              .filter(policy -> policy.action() == Action.ALLOW)
              .map(policy -> policy.ref().toString())
              .collect(Collectors.joining(", "));
      undrafted.add(
          new Undrafted(
              subject.workload().ref(),
              names
                  + " decides already who gets through; a draft beside it could only let in more,"
                  + " and no exception lists anything"));
    }
  }

  private void draft(
      Map<String, String> selector, List<Rule> rules, List<Subject> subjects, String name) {
    Set<AuthorizationPolicy> governing = new LinkedHashSet<>();
    Set<String> said = new LinkedHashSet<>();
    List<String> closed = new ArrayList<>();
    for (Subject subject : subjects) {
      governing.addAll(subject.governing());
      // A subject with plaintext rules of its own gets a policy beside the one for all.
      if (!selector.isEmpty() || subject.rules().isEmpty()) {
        said.addAll(subject.notes());
      }
      if (subject.rules().isEmpty()) {
        closed.add(subject.workload().ref().toString());
      }
    }
    if (!closed.isEmpty()) {
      said.add("Once applied, no plaintext gets to " + String.join(", ", closed) + " any more");
    }
    drafts.add(
        new AuthorizationDraft(
            free(name),
            selector,
            rules,
            subjects.stream().map(subject -> subject.workload().ref()).toList(),
            Neighbours.told(List.copyOf(governing)),
            List.copyOf(said)));
  }

  private ObjectRef free(String name) {
    String wanted = name;
    for (int n = 2; taken(wanted); n++) {
      wanted = name + "-" + n;
    }
    return new ObjectRef("AuthorizationPolicy", facts.name(), wanted);
  }

  private boolean taken(String name) {
    return drafts.stream().anyMatch(draft -> draft.ref().name().equals(name));
  }

  private static String slug(Map<String, String> labels) {
    String values =
        new TreeMap<>(labels)
            .values().stream()
                .map(value -> value.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-"))
                .collect(Collectors.joining("-"));
    return values.substring(0, Math.min(values.length(), NAME_LENGTH)).replaceAll("^-+|-+$", "");
  }

  private List<String> missing(Evidence<NamespaceTraffic> evidence) {
    List<String> missing = new ArrayList<>(neighbours.unreadable());
    missing.addAll(UnknownCallers.of(facts.name(), evidence));
    return missing;
  }

  private void remarks(List<OpenWorkload> open) {
    if (open.isEmpty()) {
      return;
    }
    List<String> bare =
        facts.pods().stream()
            .filter(pod -> !pod.terminated() && pod.dataPlane() == DataPlane.NONE)
            .map(Pod::workload)
            .distinct()
            .map(Object::toString)
            .toList();
    if (!bare.isEmpty()) {
      notes.add("No policy protects pods without a proxy: " + String.join(", ", bare));
    }
    neighbours
        .leftOver(drafts)
        .forEach(
            ref ->
                notes.add(
                    ref + " was drafted before and is not any more: delete it, or its rules stay"));
    if (open.stream().anyMatch(OpenWorkload::ambient) && !neighbours.attached().isEmpty()) {
      notes.add(
          "Policies bound to a waypoint ("
              + neighbours.attached().stream()
                  .map(policy -> policy.ref().toString())
                  .collect(Collectors.joining(", "))
              + ") do not meet plaintext from outside the mesh, which goes to the pod directly");
    }
  }
}
