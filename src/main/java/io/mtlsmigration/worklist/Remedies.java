// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.worklist;

import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.DestinationRule.ClientTlsMode;
import io.mtlsmigration.mesh.DestinationRule.Subset;
import io.mtlsmigration.mesh.DestinationRule.TrafficPolicy;
import io.mtlsmigration.mesh.Injection;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.probe.PortSpeech;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Commands, and parts of plans, to copy. They contain no text that others may write, except for
 * names that are valid in Kubernetes: a name with another character gives no remedy, because it
 * would be a part of the command. Each does no harm when it is carried out twice by mistake.
 */
final class Remedies {

  /** The paths of pod templates by kind. */
  private static final Map<String, String> TEMPLATES =
      Map.of(
          "Deployment", "{\"spec\":{\"template\":%s}}",
          "StatefulSet", "{\"spec\":{\"template\":%s}}",
          "DaemonSet", "{\"spec\":{\"template\":%s}}",
          "CronJob", "{\"spec\":{\"jobTemplate\":{\"spec\":{\"template\":%s}}}}");

  /** Kinds of which kubectl prints an object by its kind and name alone. */
  private static final Set<String> SHOWN =
      Set.of(
          "Deployment",
          "StatefulSet",
          "DaemonSet",
          "ReplicaSet",
          "CronJob",
          "Job",
          "Pod",
          "Service",
          "Namespace",
          "PeerAuthentication",
          "DestinationRule",
          "AuthorizationPolicy",
          "EnvoyFilter",
          "Sidecar",
          "WorkloadEntry",
          "ServiceEntry");

  /** Labels that most often distinguish a workload from its neighbours, in order of precedence. */
  private static final List<String> SELECTING =
      List.of("app", "app.kubernetes.io/name", "k8s-app", "name");

  private static final Duration EXCEPTION = Duration.ofDays(90);
  private static final int LONGEST_NAME = 253;

  private final MeshSnapshot snapshot;
  private final Instant now;

  Remedies(MeshSnapshot snapshot, Instant now) {
    this.snapshot = snapshot;
    this.now = now;
  }

  /**
   * Returns the remedy; empty when there is nothing to copy.
   *
   * @param namespaces the namespaces that the item blocks; the root namespace stands for the mesh
   *     step
   */
  String of(Cause.Key item, Set<Integer> ports, Set<String> namespaces) {
    ObjectRef subject = item.subject();
    boolean plain =
        plain(subject.name())
            && (subject.namespace().isEmpty() || plain(subject.namespace()))
            && (item.plan().isEmpty() || plain(item.plan()))
            && namespaces.stream().allMatch(Remedies::plain);
    return !plain
        ? ""
        : switch (item.kind()) {
          case INJECT_CLIENT, INJECT_SERVER -> inject(subject);
          case RESTART_POD -> restart(subject);
          case FIX_DESTINATION_RULE -> rule(subject);
          case MOVE_SCRAPE_PORT ->
              annotate(subject, "prometheus.istio.io/merge-metrics", "prometheus.io/port");
          case REWRITE_PROBE -> annotate(subject, "sidecar.istio.io/rewriteAppHTTPProbers", "");
          case NAME_PORT -> protocol(subject, ports);
          case GIVE_EXCEPTION -> exception(subject, ports);
          case FIX_POLICY ->
              subject.kind().equals("PeerAuthentication")
                  ? kubectl(subject, "edit", "peerauthentication/" + subject.name())
                  : "";
          case APPROVE, ADOPT_POLICY ->
              item.plan().isEmpty()
                  ? ""
                  : calls(namespaces, step -> step + "/impact?plan=" + item.plan());
          case DECIDE_HELD -> calls(namespaces, step -> "plans/" + item.plan() + "/" + step);
          case LENGTHEN_WINDOW ->
              item.plan().isEmpty()
                  ? ""
                  : "mtls-migration windows " + item.plan() + " --plaintext-window DURATION";
          case FIX_CLIENT, CLEAR_HAZARD -> shown(subject);
          case MEND_EVIDENCE, KEEP_LOGS, CLEAR_GATE -> readiness(namespaces, item.plan());
          case IDENTIFY_CLIENT -> "";
        };
  }

  /**
   * Returns the command that prints an object; empty for what kubectl does not know by its kind.
   */
  private static String shown(ObjectRef subject) {
    return !SHOWN.contains(subject.kind())
        ? ""
        : subject.namespace().isEmpty()
            ? "kubectl get " + kind(subject) + " -o yaml"
            : kubectl(subject, "get", kind(subject) + " -o yaml");
  }

  /** Returns what tells each gate of the namespaces; the mesh step has its gates in a plan. */
  private String readiness(Set<String> namespaces, String plan) {
    return calls(
        plan.isEmpty()
            ? namespaces.stream().filter(name -> !snapshot.isRoot(name)).collect(Collectors.toSet())
            : namespaces,
        step ->
            step.equals("mesh")
                ? "plans/" + plan + "/mesh"
                : step + "/readiness" + (plan.isEmpty() ? "" : "?plan=" + plan));
  }

  /** Returns whether a name is a Kubernetes name: safe in a command, a path and JSON. */
  static boolean plain(String name) {
    return !name.isEmpty()
        && name.length() <= LONGEST_NAME
        && name.chars()
            .allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.')
        && Character.isLetterOrDigit(name.charAt(0));
  }

  /** Returns whether a label gives the pod a sidecar; null for one that does not exist yet. */
  static boolean injectable(NamespaceFacts own, @Nullable Pod pod) {
    return byPod(own, pod) || byNamespace(own, pod);
  }

  private static boolean byPod(NamespaceFacts own, @Nullable Pod pod) {
    Map<String, String> labels = new HashMap<>(pod == null ? Map.of() : pod.labels());
    labels.put(Injection.POD_SWITCH, "true");
    return Injection.happens(own.name(), own.labels(), labels, Map.of(), false);
  }

  private static boolean byNamespace(NamespaceFacts own, @Nullable Pod pod) {
    Map<String, String> labels = new HashMap<>(own.labels());
    labels.put("istio-injection", "enabled");
    return Injection.happens(
        own.name(),
        labels,
        pod == null ? Map.of() : pod.labels(),
        pod == null ? Map.of() : pod.annotations(),
        false);
  }

  private String inject(ObjectRef workload) {
    NamespaceFacts own = snapshot.namespace(workload.namespace());
    Pod pod = pod(workload);
    if (own == null) {
      return "";
    }
    if (byPod(own, pod)) {
      return patch(workload, "{\"metadata\":{\"labels\":{\"sidecar.istio.io/inject\":\"true\"}}}");
    }
    String label = "kubectl label namespace " + own.name() + " istio-injection=enabled --overwrite";
    String restart = restart(workload);
    return restart.isEmpty() ? label : label + "\n" + restart;
  }

  private static String patch(ObjectRef workload, String template) {
    String object = TEMPLATES.get(workload.kind());
    return object == null
        ? ""
        : kubectl(
            workload,
            "patch",
            kind(workload) + " --type=merge -p '" + object.replace("%s", template) + "'");
  }

  private static String restart(ObjectRef workload) {
    return TEMPLATES.containsKey(workload.kind()) && !workload.kind().equals("CronJob")
        ? kubectl(workload, "rollout restart", kind(workload))
        : "";
  }

  /** {@code ifThere} is an annotation that pods must have, because another owner sets the rest. */
  private String annotate(ObjectRef workload, String annotation, String ifThere) {
    Pod pod = pod(workload);
    return pod == null || (!ifThere.isEmpty() && !pod.annotations().containsKey(ifThere))
        ? ""
        : patch(workload, "{\"metadata\":{\"annotations\":{\"" + annotation + "\":\"true\"}}}");
  }

  /** Names the protocol of ports of a Service, unless its ports were changed meanwhile. */
  private String protocol(ObjectRef ref, Set<Integer> ports) {
    NamespaceFacts own = snapshot.namespace(ref.namespace());
    List<ServicePort> all =
        own == null
            ? List.of()
            : own.services().stream()
                .filter(service -> service.ref().equals(ref))
                .flatMap(service -> service.ports().stream())
                .toList();
    List<String> operations = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      ServicePort port = all.get(i);
      if (ports.contains(port.port()) && PortSpeech.guessed(port)) {
        String path = "\"path\":\"/spec/ports/" + i;
        operations.add("{\"op\":\"test\"," + path + "/port\",\"value\":" + port.port() + "}");
        operations.add("{\"op\":\"add\"," + path + "/appProtocol\",\"value\":\"tcp\"}");
      }
    }
    return operations.isEmpty() ? "" : jsonPatch(ref, operations);
  }

  private static String jsonPatch(ObjectRef ref, List<String> operations) {
    return kubectl(
        ref, "patch", kind(ref) + " --type=json -p '[" + String.join(",", operations) + "]'");
  }

  /** Sets each mode to mutual TLS; opens an editor when a port has one, whose path is unknown. */
  private String rule(ObjectRef ref) {
    NamespaceFacts own = snapshot.namespace(ref.namespace());
    DestinationRule rule =
        own == null
            ? null
            : own.destinationRules().stream()
                .filter(found -> found.ref().equals(ref))
                .findFirst()
                .orElse(null);
    if (rule == null) {
      return "";
    }
    List<String> operations = new ArrayList<>();
    boolean ports = !collect(rule.trafficPolicy(), "", operations);
    for (int i = 0; i < rule.subsets().size(); i++) {
      Subset subset = rule.subsets().get(i);
      List<String> own2 = new ArrayList<>();
      ports |= !collect(subset.trafficPolicy(), "/subsets/" + i, own2);
      ports |= !own2.isEmpty() && !plain(subset.name());
      if (!own2.isEmpty()) {
        operations.add(
            "{\"op\":\"test\",\"path\":\"/spec/subsets/%s/name\",\"value\":\"%s\"}"
                .formatted(i, subset.name()));
        operations.addAll(own2);
      }
    }
    return ports || operations.isEmpty()
        ? kubectl(ref, "edit", kind(ref))
        : jsonPatch(ref, operations);
  }

  /** Adds the operation for a policy; returns false when a port has such a mode of its own. */
  private static boolean collect(@Nullable TrafficPolicy policy, String path, List<String> into) {
    if (policy == null) {
      return true;
    }
    ClientTlsMode tls = policy.tls();
    if (tls != null && tls != ClientTlsMode.ISTIO_MUTUAL) {
      into.add(
          "{\"op\":\"replace\",\"path\":\"/spec"
              + path
              + "/trafficPolicy/tls\",\"value\":{\"mode\":\"ISTIO_MUTUAL\"}}");
    }
    return policy.ports().values().stream()
        .allMatch(port -> port.tls() == null || port.tls() == ClientTlsMode.ISTIO_MUTUAL);
  }

  /** Returns an entry for a plan's exceptions, one for each port. */
  private String exception(ObjectRef workload, Set<Integer> ports) {
    Pod pod = pod(workload);
    String label =
        pod == null
            ? null
            : SELECTING.stream()
                .filter(key -> plain(pod.labels().getOrDefault(key, "")))
                .findFirst()
                .orElse(null);
    if (pod == null || label == null) {
      return "";
    }
    String expires = LocalDate.ofInstant(now.plus(EXCEPTION), ZoneOffset.UTC).toString();
    return new TreeSet<>(ports)
        .stream()
            .map(
                port ->
                    "{\"namespace\":\""
                        + workload.namespace()
                        + "\",\"selector\":{\"matchLabels\":{\""
                        + label
                        + "\":\""
                        + pod.labels().get(label)
                        + "\"}},"
                        + (port == 0 ? "" : "\"port\":" + port + ",")
                        + "\"owner\":\"who\",\"reason\":\"why\",\"expires\":\""
                        + expires
                        + "\"}")
            .collect(Collectors.joining("\n"));
  }

  /**
   * Returns one call for each namespace. All of them only read: an approval refers to the hash of
   * the impact at the time when a person looks, not at the time when a ticket is read.
   */
  private String calls(Set<String> namespaces, UnaryOperator<String> path) {
    return new TreeSet<>(namespaces)
        .stream()
            .map(name -> path.apply(snapshot.isRoot(name) ? "mesh" : "namespaces/" + name))
            .map(
                called ->
                    "curl -H \"Authorization: Bearer $TOKEN\" \"$MTLS_MIGRATION/api/v1/"
                        + called
                        + "\"")
            .collect(Collectors.joining("\n"));
  }

  private static String kubectl(ObjectRef in, String verb, String rest) {
    return "kubectl -n " + in.namespace() + " " + verb + " " + rest;
  }

  private static String kind(ObjectRef object) {
    return object.kind().toLowerCase(Locale.ROOT) + "/" + object.name();
  }

  private @Nullable Pod pod(ObjectRef workload) {
    NamespaceFacts own = snapshot.namespace(workload.namespace());
    return own == null
        ? null
        : own.pods().stream()
            .filter(pod -> !pod.terminated() && pod.workload().ref().equals(workload))
            .findFirst()
            .orElse(null);
  }

  /** Returns what to do about a workload without a proxy. */
  static String injection(boolean asked) {
    return asked
        ? "Restart it: injection is asked for, and its pods have none."
        : "Have it injected and restarted, or name its servers in exceptions.";
  }
}
