// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.bench;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Pods as an injected Deployment's look on a real cluster, of four to ten kilobytes. */
final class LoadedPod {

  private LoadedPod() {}

  static String name(int namespace, int pod) {
    return "app-%d-%s-%05x".formatted(pod / 5, hash(namespace, pod), pod);
  }

  private static String hash(int namespace, int pod) {
    return "%010x".formatted((namespace * 31L + pod / 5) * 2_654_435_761L % 1_000_000_007L);
  }

  static String ip(int namespace, int pod) {
    int number = namespace * 64 + pod;
    return "10.%d.%d.%d".formatted(number >> 16 & 255, number >> 8 & 255, number & 255);
  }

  /** The object to create. */
  static String json(int namespace, int pod) {
    int app = pod / 5;
    String hash = hash(namespace, pod);
    return """
    {"apiVersion":"v1","kind":"Pod","metadata":{"name":"%1$s",
     "labels":{"app":"app-%2$d","version":"v1","team":"team-%3$d","pod-template-hash":"%4$s",
      "security.istio.io/tlsMode":"istio","service.istio.io/canonical-name":"app-%2$d",
      "service.istio.io/canonical-revision":"v1"},
     "annotations":{"prometheus.io/port":"15020","prometheus.io/scrape":"true",
      "prometheus.io/path":"/stats/prometheus","kubectl.kubernetes.io/default-container":"app",
      "istio.io/rev":"default","checksum/config":"%5$s",
      "sidecar.istio.io/status":"{\\"initContainers\\":[\\"istio-init\\"],\\"containers\\":[\\"istio-proxy\\"],\\"volumes\\":[\\"workload-socket\\",\\"istio-envoy\\",\\"istio-data\\",\\"istio-podinfo\\",\\"istio-token\\"],\\"revision\\":\\"default\\"}"},
     "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"app-%2$d-%4$s",
      "uid":"%6$s","controller":true,"blockOwnerDeletion":true}]},
     "spec":{"serviceAccountName":"app-%2$d","automountServiceAccountToken":false,
     "volumes":[{"name":"istio-envoy","emptyDir":{"medium":"Memory"}},{"name":"istio-data","emptyDir":{}},
      {"name":"config","configMap":{"name":"app-%2$d"}}],
     "initContainers":[{"name":"istio-init","image":"docker.io/istio/proxyv2:1.29.0",
      "args":["istio-iptables","-p","15001","-z","15006","-u","1337","-m","REDIRECT","-i","*"]}],
     "containers":[{"name":"app","image":"registry.example.org/team-%3$d/app-%2$d:1.4.%2$d",
      "ports":[{"name":"http","containerPort":8080},{"name":"metrics","containerPort":9090}],
      "env":[%7$s],"resources":{"requests":{"cpu":"100m","memory":"128Mi"}},
      "readinessProbe":{"httpGet":{"path":"/app-health/app/readyz","port":15020}},
      "volumeMounts":[{"name":"config","mountPath":"/etc/app"}]},
     {"name":"istio-proxy","image":"docker.io/istio/proxyv2:1.29.0",
      "args":["proxy","sidecar","--domain","$(POD_NAMESPACE).svc.cluster.local","--log_output_level=default:info"],
      "ports":[{"name":"http-envoy-prom","containerPort":15090}],
      "env":[{"name":"PILOT_CERT_PROVIDER","value":"istiod"},{"name":"CA_ADDR","value":"istiod.istio-system.svc:15012"},
       {"name":"POD_NAME","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}},
       {"name":"POD_NAMESPACE","valueFrom":{"fieldRef":{"fieldPath":"metadata.namespace"}}}],
      "volumeMounts":[{"name":"istio-envoy","mountPath":"/etc/istio/proxy"},{"name":"istio-data","mountPath":"/var/lib/istio/data"}]}]}}
    """
        .formatted(
            name(namespace, pod),
            app,
            namespace % 50,
            hash,
            hash.repeat(6),
            uid(namespace, app),
            env(namespace, pod));
  }

  private static String env(int namespace, int pod) {
    return IntStream.range(0, 2 + (namespace * 7 + pod * 3) % 24)
        .mapToObj(
            i ->
                "{\"name\":\"SETTING_NUMBER_%d\",\"value\":\"https://service-%d.example.org:8443/path\"}"
                    .formatted(i, i))
        .collect(Collectors.joining(","));
  }

  private static String uid(int namespace, int app) {
    return "%08x-0000-4000-8000-%012x".formatted(namespace, app);
  }

  /** What a kubelet would report of it. */
  static String status(int namespace, int pod) {
    String time = "2026-11-20T08:%02d:%02dZ".formatted(namespace % 60, pod % 60);
    String container =
        """
        {"name":"%s","image":"registry.example.org/%s:1","imageID":"sha256:%064x","ready":true,
         "restartCount":0,"started":true,"containerID":"containerd://%064x",
         "state":{"running":{"startedAt":"%s"}}}""";
    return """
    {"status":{"phase":"Running","hostIP":"172.18.0.%d","podIP":"%s","podIPs":[{"ip":"%s"}],"startTime":"%s",
     "conditions":[{"type":"Initialized","status":"True","lastTransitionTime":"%s"},
      {"type":"Ready","status":"True","lastTransitionTime":"%s"},
      {"type":"ContainersReady","status":"True","lastTransitionTime":"%s"},
      {"type":"PodScheduled","status":"True","lastTransitionTime":"%s"}],
     "containerStatuses":[%s,%s]}}
    """
        .formatted(
            namespace % 250,
            ip(namespace, pod),
            ip(namespace, pod),
            time,
            time,
            time,
            time,
            time,
            container.formatted("app", "app", pod, pod, time),
            container.formatted("istio-proxy", "proxyv2", pod, pod, time));
  }
}
