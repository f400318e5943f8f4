// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.ApiGateway;
import io.mtlsmigration.mesh.ApiServerCalls;
import io.mtlsmigration.mesh.ControllerClass;
import io.mtlsmigration.mesh.CronRuns;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.ExternalWorkload;
import io.mtlsmigration.mesh.JobTemplate;
import io.mtlsmigration.mesh.NetworkPolicy;
import io.mtlsmigration.mesh.NetworkPolicy.PortRange;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.OtherObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the small objects that only hazards use. */
final class OtherReader {

  private static final int HTTPS = 443;

  /** What the names of the webhooks end in by which any revision or tag of Istio injects. */
  private static final String INJECTOR = "sidecar-injector.istio.io";

  private static final String REGISTERED = "istio.io/autoRegistrationGroup";

  private OtherReader() {}

  /**
   * Reads an object of a kind in {@link Kinds#OTHERS}, except controllers of pods.
   *
   * @param createdAt the age of an object without a creation time
   */
  static OtherObject read(ObjectRef ref, ManifestFields object, Instant createdAt) {
    ManifestFields spec = object.object("spec");
    return switch (ref.kind()) {
      case "AuthorizationPolicy" -> AuthorizationPolicyReader.read(ref, object);
      case "WorkloadEntry" -> workloadEntry(ref, object);
      case "WorkloadGroup" -> workloadGroup(ref, spec);
      case "ServiceEntry" -> ServiceEntryReader.read(ref, spec);
      case "Telemetry" -> TelemetryReader.read(ref, object, createdAt);
      case "EnvoyFilter" -> EnvoyFilterReader.read(ref, spec);
      case "Ingress" -> RouteReader.ingress(ref, object);
      case "HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute" -> RouteReader.gatewayRoute(ref, spec);
      case "Gateway" -> new ApiGateway(ref, spec.text("gatewayClassName", ""));
      case "IngressClass" -> new ControllerClass(ref, spec.text("controller", ""));
      case "GatewayClass" -> new ControllerClass(ref, spec.text("controllerName", ""));
      case "ServiceMonitor", "PodMonitor" -> MonitorReader.read(ref, spec);
      case "NetworkPolicy" -> networkPolicy(ref, spec);
      case "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration" ->
          webhooks(ref, object);
      case "APIService" -> apiService(ref, spec);
      case "CustomResourceDefinition" -> conversion(ref, spec);
      default -> throw new IllegalStateException("no reader for " + ref.kind());
    };
  }

  /** Returns true for a CronJob, and for a Job that is neither finished nor a CronJob's. */
  static boolean isTemplate(String kind, ManifestFields object) {
    if (kind.equals("CronJob")) {
      return true;
    }
    ManifestFields status = object.object("status");
    return object.object("metadata").objects("ownerReferences").stream()
            .noneMatch(owner -> owner.text("kind", "").equals("CronJob"))
        && status.objects("conditions").stream().noneMatch(OtherReader::ends)
        && !status.has("completionTime");
  }

  private static boolean ends(ManifestFields condition) {
    String type = condition.text("type", "");
    return (type.equals("Complete") || type.equals("Failed"))
        && condition.text("status", "").equals("True");
  }

  static JobTemplate jobTemplate(ObjectRef ref, ManifestFields object) {
    ManifestFields spec = object.object("spec");
    boolean cron = ref.kind().equals("CronJob");
    ManifestFields job = cron ? spec.object("jobTemplate").object("spec") : spec;
    ManifestFields template = job.object("template");
    ManifestFields metadata = template.object("metadata");
    ManifestFields pod = template.object("spec");
    Map<String, String> labels = metadata.strings("labels");
    Map<String, String> annotations = metadata.strings("annotations");
    return new JobTemplate(
        ref,
        labels,
        PodReader.kept(pod, annotations),
        pod.flag("hostNetwork"),
        Capture.dataPlane(pod, labels, annotations, Map.of()) == DataPlane.SIDECAR,
        cron && !spec.flag("suspend") ? runs(object, spec) : null);
  }

  private static CronRuns runs(ManifestFields object, ManifestFields spec) {
    ManifestFields status = object.object("status");
    return new CronRuns(
        CronPeriod.of(spec.text("schedule", ""), spec.text("timeZone", "")),
        MetaReader.createdAt(object.object("metadata"), Instant.EPOCH),
        MetaReader.time(status, "lastScheduleTime", Instant.EPOCH),
        !status.objects("active").isEmpty(),
        MetaReader.time(status, "lastSuccessfulTime", Instant.EPOCH));
  }

  private static ExternalWorkload workloadEntry(ObjectRef ref, ManifestFields object) {
    ManifestFields metadata = object.object("metadata");
    ManifestFields spec = object.object("spec");
    Map<String, String> labels = new HashMap<>(metadata.strings("labels"));
    labels.putAll(spec.strings("labels"));
    return new ExternalWorkload(
        ref,
        labels,
        spec.text("serviceAccount", ""),
        metadata.strings("annotations").getOrDefault(REGISTERED, ""));
  }

  private static ExternalWorkload workloadGroup(ObjectRef ref, ManifestFields spec) {
    ManifestFields template = spec.object("template");
    Map<String, String> labels = new HashMap<>(spec.object("metadata").strings("labels"));
    labels.putAll(template.strings("labels"));
    return new ExternalWorkload(ref, labels, template.text("serviceAccount", ""), ref.name());
  }

  /** Reads the ingress of a NetworkPolicy; a policy that does not restrict it admits everything. */
  private static NetworkPolicy networkPolicy(ObjectRef ref, ManifestFields spec) {
    List<String> types = spec.texts("policyTypes");
    List<PortRange> ranges = new ArrayList<>();
    if (!types.isEmpty() && !types.contains("Ingress")) {
      ranges.add(PortRange.ALL);
    }
    for (ManifestFields rule : spec.objects("ingress")) {
      List<ManifestFields> ports = rule.objects("ports");
      if (ports.isEmpty()) {
        ranges.add(PortRange.ALL);
      }
      for (ManifestFields port : ports) {
        range(ranges, port);
      }
    }
    return new NetworkPolicy(ref, LabelSelectorReader.read(spec.object("podSelector")), ranges);
  }

  private static void range(List<PortRange> ranges, ManifestFields port) {
    if (!port.text("protocol", "TCP").equals("TCP")) {
      return;
    }
    if (!port.has("port")) {
      ranges.add(PortRange.ALL);
      return;
    }
    String first = port.portOrName("port", "");
    if (first.matches("[0-9]+")) { // a name is a port of the application's containers
      int from = Integer.parseInt(first);
      ranges.add(new PortRange(from, port.integer("endPort", from, 1, 65_535)));
    }
  }

  private static ApiServerCalls webhooks(ObjectRef ref, ManifestFields object) {
    List<ApiServerCalls.Call> calls = new ArrayList<>();
    Set<String> injects = new HashSet<>();
    for (ManifestFields webhook : object.objects("webhooks")) {
      boolean required = !webhook.text("failurePolicy", "Fail").equals("Ignore");
      addCall(calls, webhook.object("clientConfig"), required);
      if (webhook.tree().path("name").asText("").endsWith(INJECTOR)) {
        addInjected(injects, webhook.object("namespaceSelector"));
      }
    }
    return new ApiServerCalls(ref, calls, injects);
  }

  /** A selector with a label that namespaces never have is that of a webhook that is turned off. */
  private static void addInjected(Set<String> labels, ManifestFields selector) {
    Map<String, String> all = selector.strings("matchLabels");
    if (all.containsKey("istio.io/deactivated")) {
      return;
    }
    all.forEach((key, value) -> labels.add(key + "=" + value));
    for (ManifestFields expression : selector.objects("matchExpressions")) {
      if (expression.text("operator", "").equals("In")) {
        String key = expression.text("key", "");
        expression.texts("values").forEach(value -> labels.add(key + "=" + value));
      }
    }
  }

  private static ApiServerCalls apiService(ObjectRef ref, ManifestFields spec) {
    List<ApiServerCalls.Call> calls = new ArrayList<>();
    addCall(calls, spec, true); // one without a service is served by the API server itself
    return new ApiServerCalls(ref, calls);
  }

  private static ApiServerCalls conversion(ObjectRef ref, ManifestFields spec) {
    List<ApiServerCalls.Call> calls = new ArrayList<>();
    addCall(calls, spec.object("conversion").object("webhook").object("clientConfig"), true);
    return new ApiServerCalls(ref, calls);
  }

  private static void addCall(
      List<ApiServerCalls.Call> calls, ManifestFields config, boolean required) {
    if (config.has("service")) {
      ManifestFields service = config.object("service");
      calls.add(
          new ApiServerCalls.Call(
              service.required("namespace"),
              service.required("name"),
              service.has("port") ? service.port("port") : HTTPS,
              required));
    }
  }
}
