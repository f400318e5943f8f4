// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The mesh that {@code e2e/mesh/up.sh} has brought up, with the service in it that {@code
 * e2e/mesh/install.sh} has installed from {@code k8s/}. There is one for all classes, so each class
 * begins and ends with no plan, no policy and no workload but the task's.
 */
final class RealMesh implements BeforeAllCallback, AfterAllCallback {

  /** As {@code e2e/mesh/settings.sh} says. */
  private static final String API = "http://127.0.0.1:16480";

  /** The account that calls the service, bound to the roles for people that it ships. */
  private static final String PEOPLE = "people";

  /** Marks what a class brings along; removed after it. */
  static final String OURS = "e2e=visitor";

  private static final List<String> CLIENTS = List.of("bar", "foo", "legacy");
  private static final List<String> SERVERS = List.of("bar", "foo");

  private final Kubeconfig admin = new Kubeconfig(state().resolve("kubeconfig"));
  private KubernetesClient client;
  private String token = "";
  private String configuration = "";

  private static Path state() {
    Path cache =
        Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
            .filter(folder -> !folder.isEmpty())
            .map(Path::of)
            .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache"));
    return cache.resolve("mtls-migration/mesh");
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    if (!Files.exists(admin.file())) {
      throw new IllegalStateException("no mesh is up: make e2e-mesh");
    }
    client = admin.client();
    configuration =
        client
            .configMaps()
            .inNamespace("istio-system")
            .withName("istio")
            .get()
            .getData()
            .get("mesh");
    letIn();
    leaveNothing();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    try {
      leaveNothing();
    } finally {
      client.close();
    }
  }

  /** kubectl past RBAC. */
  Kubectl kubectl() {
    return admin.kubectl();
  }

  /** The API past RBAC; closed after the class. */
  KubernetesClient client() {
    return client;
  }

  /** A certificate or a key of the cluster itself. */
  String pem(String name) {
    try {
      return Files.readString(state().resolve("pki").resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A request to whichever replica the Service leads to, as somebody who operates and approves. */
  RequestSpecification http() {
    return given().baseUri(API).basePath("/api/v1").auth().oauth2(token);
  }

  /** Patience of a minute and a half, and the poll that a person would have. */
  static ConditionFactory soon(String what) {
    return await(what).atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(300));
  }

  private void letIn() {
    kubectl()
        .apply(
            """
            apiVersion: v1
            kind: Namespace
            metadata: {name: people}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: somebody, namespace: people}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: people-operate}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: mtls-migration-operator}
            subjects: [{kind: ServiceAccount, name: somebody, namespace: people}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: people-approve}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: mtls-migration-approver}
            subjects: [{kind: ServiceAccount, name: somebody, namespace: people}]
            """);
    token = kubectl().ok("create", "token", "somebody", "-n", PEOPLE, "--duration=2h").strip();
  }

  /**
   * Has the mesh configured as it was brought up, but for what is given.
   *
   * @param changes keys of MeshConfig, as YAML; none to have it as it was
   */
  void configure(String changes) {
    Map<String, Object> merged = new TreeMap<>(yaml(configuration));
    merged.putAll(yaml(changes));
    client
        .configMaps()
        .inNamespace("istio-system")
        .withName("istio")
        .edit(
            map ->
                new ConfigMapBuilder(map)
                    .addToData("mesh", client.getKubernetesSerialization().asYaml(merged))
                    .build());
  }

  @SuppressWarnings("unchecked")
  private Map<String, Object> yaml(String text) {
    return text.isEmpty()
        ? Map.of()
        : client.getKubernetesSerialization().unmarshal(text, Map.class);
  }

  /** Without the service the cluster does nothing but what a test has it do. */
  void replicas(int replicas) {
    kubectl()
        .ok("scale", "deployment", "mtls-migration", "-n=mtls-migration", "--replicas=" + replicas);
    kubectl().ok("rollout", "status", "deployment", "mtls-migration", "-n=mtls-migration");
  }

  /** No plan, no policy, and no workload that a class has brought along. */
  void leaveNothing() {
    for (String plan : plans()) {
      http().post("/plans/" + plan + "/abort");
      soon("plan " + plan + " may go").ignoreExceptions().until(() -> gone(plan));
    }
    kubectl().ok("delete", "peerauthentications,authorizationpolicies", "--all", "-A");
    kubectl().ok("delete", "destinationrules,sidecars,serviceentries", "-A", "-l", OURS);
    kubectl().ok("delete", "all", "-A", "-l", OURS, "--force", "--grace-period=0");
    kubectl().ok("delete", "namespace", "-l", OURS);
  }

  private List<String> plans() {
    return kubectl()
        .ok("get", "migrationplans", "-o=jsonpath={.items[*].metadata.name}")
        .transform(names -> names.isBlank() ? List.of() : List.of(names.split(" ")));
  }

  private boolean gone(String plan) {
    String tag = http().get("/plans/" + plan).header("ETag");
    return http()
            .header("If-Match", tag)
            .delete("/plans/" + plan + "?keepPolicies=true")
            .statusCode()
        == 204;
  }

  /** One call of the task, as kubectl makes and prints it. */
  String call(String from, String to) {
    Kubectl.Result result =
        curl(
            from,
            "http://httpbin." + to + ":8000/ip",
            "-w",
            "curl." + from + " to httpbin." + to + ": %{http_code}\n");
    return result.out() + result.err();
  }

  /**
   * The status that a client of {@code from} is answered with; 000 for none.
   *
   * @param options more of curl's
   */
  String code(String from, String url, String... options) {
    List<String> all = new ArrayList<>(List.of("-m", "5", "-w", "%{http_code}"));
    all.addAll(List.of(options));
    return curl(from, url, all.toArray(String[]::new)).out();
  }

  private Kubectl.Result curl(String from, String url, String... options) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "exec",
                "deploy/curl",
                "-n=" + from,
                "-c=curl",
                "--",
                "curl",
                url,
                "-s",
                "-o",
                "/dev/null"));
    command.addAll(List.of(options));
    return kubectl().run(command.toArray(String[]::new));
  }

  /** The task's loop by kubectl. */
  String callsByKubectl() {
    StringBuilder lines = new StringBuilder();
    for (String from : CLIENTS) {
      for (String to : SERVERS) {
        lines.append(call(from, to));
      }
    }
    return lines.toString();
  }

  /**
   * What the service prints of the task's calls. A real cluster has more to be called than those:
   * the API server, istiod, DNS, and the service itself.
   */
  String matrix() {
    StringBuilder kept = new StringBuilder();
    boolean ofTheTask = false;
    for (String line :
        http().accept("text/plain").get("/connectivity").asString().lines().toList()) {
      ofTheTask = line.contains(" to ") ? line.contains(" to httpbin.") : ofTheTask;
      kept.append(ofTheTask ? line + "\n" : "");
    }
    return kept.toString();
  }

  /** Waits until the service prints so, and holds plain kubectl to the same. */
  void awaitCalls(String expected) {
    soon("matrix")
        .untilAsserted(
            () -> {
              askLegacy();
              assertEquals(expected, matrix());
            });
    assertEquals(expected, callsByKubectl(), this::logs);
  }

  /** The latest lines of the proxies, whose response flags say why a call failed. */
  private String logs() {
    StringBuilder lines = new StringBuilder();
    for (String namespace : SERVERS) {
      for (String workload : List.of("curl", "httpbin")) {
        lines.append(
            kubectl()
                .run("logs", "deploy/" + workload, "-n=" + namespace, "-c=istio-proxy", "--tail=9")
                .out());
      }
    }
    return lines.toString();
  }

  /**
   * Rounds make no probe that a server would take in plaintext, for it counts as anybody's call;
   * who wants to see it asks. It may be refused when others ask, too.
   */
  void askLegacy() {
    http()
        .contentType(ContentType.JSON)
        .body(
            """
            {"pairs": [{"from": "legacy/curl", "to": "foo/httpbin:8000"},
                       {"from": "legacy/curl", "to": "bar/httpbin:8000"}]}
            """)
        .post("/connectivity/probes");
  }

  void draft(String plan) {
    http().contentType(ContentType.JSON).body(plan).post("/plans").then().statusCode(201);
  }

  void start(String plan, String name) {
    draft(plan);
    TestCluster.start(this::http, name);
  }

  JsonPath plan(String name) {
    return http().get("/plans/" + name).jsonPath();
  }

  JsonPath step(String plan, String namespace) {
    return http().get("/plans/" + plan + "/namespaces/" + namespace).jsonPath();
  }

  void awaitPlan(String plan, String phase) {
    await("plan " + plan + " is " + phase)
        .atMost(Duration.ofMinutes(4))
        .pollInterval(Duration.ofMillis(300))
        .untilAsserted(
            () -> assertEquals(phase, plan(plan).getString("phase"), () -> history(plan)));
  }

  /** What has become of a plan, the newest first. */
  String history(String plan) {
    return plan(plan).getString("waitingOn")
        + "\n"
        + http().get("/plans/" + plan + "/events").jsonPath().prettify();
  }

  void awaitStep(String plan, String namespace, String phase) {
    await(namespace + " is " + phase)
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(
            () -> {
              JsonPath read = step(plan, namespace);
              assertEquals(phase, read.getString("phase"), read::prettify);
            });
  }

  /** The modes that are stored for a namespace, by kubectl. */
  String modes(String namespace) {
    return kubectl()
        .ok(
            "get",
            "peerauthentications",
            "-n=" + namespace,
            "-o=jsonpath={.items[*].spec.mtls.mode}");
  }

  /** Undoes what a plan wrote, and waits until it may be deleted. */
  void cleanUp(String plan) {
    http().post("/plans/" + plan + "/cleanup").then().statusCode(202);
    soon("plan " + plan + " is undone")
        .until(() -> plan(plan).getList("allowedActions").contains("DELETE"));
  }

  /**
   * A client without a proxy that calls a URL twice a second until it is {@link #silence silenced},
   * as a Deployment of its name in {@code legacy}.
   */
  void clientThatCalls(String name, String url) {
    kubectl()
        .apply(
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: %1$s
              namespace: legacy
              labels: {e2e: visitor}
            spec:
              selector: {matchLabels: {app: %1$s}}
              template:
                metadata:
                  labels: {app: %1$s, e2e: visitor, owner: %1$s-team}
                spec:
                  terminationGracePeriodSeconds: 0
                  containers:
                  - name: caller
                    image: docker.io/curlimages/curl:8.16.0
                    imagePullPolicy: Never
                    command: [sh, -c, "while sleep 0.5; do curl -s -m 2 -o /dev/null %2$s; done"]
            """
                .formatted(name, url));
    kubectl().ok("rollout", "status", "deployment", name, "-n=legacy", "--timeout=60s");
  }

  void silence(String name) {
    kubectl().ok("delete", "deployment", name, "-n=legacy");
    kubectl().ok("wait", "--for=delete", "pod", "-l=app=" + name, "-n=legacy", "--timeout=30s");
  }

  /** Ends one of the programs that keep the mesh going by SIGKILL; it is started again at once. */
  void kill(String program) {
    run("e2e/mesh/inside.sh", "sh", "-c", "kill -KILL $(cat /run/mesh/run/" + program + ")");
  }

  /** Has a program stand still for a while, as it does on a machine without room. */
  void pause(String program, Duration time) throws InterruptedException {
    pause(program, () -> Thread.sleep(time));
  }

  /** Has a program stand still while something else is done. */
  void pause(String program, Meanwhile meanwhile) throws InterruptedException {
    String kill = "kill -%s $(cat /run/mesh/run/" + program + ")";
    run("e2e/mesh/inside.sh", "sh", "-c", kill.formatted("STOP"));
    try {
      meanwhile.run();
    } finally {
      run("e2e/mesh/inside.sh", "sh", "-c", kill.formatted("CONT"));
    }
  }

  interface Meanwhile {
    void run() throws InterruptedException;
  }

  /** A signal to the agents beside the Envoys of a workload's pods. */
  void signalAgent(String signal, String namespace, String app) {
    String script =
        """
        for process in /proc/[0-9]*; do
          [ "$(cat "$process/comm" 2>/dev/null)" = pilot-agent ] || continue
          tr '\\0' '\\n' <"$process/environ" | grep -qx "POD_NAMESPACE=$2" || continue
          tr '\\0' '\\n' <"$process/environ" | grep -q "^POD_NAME=$3-" || continue
          kill "-$1" "${process#/proc/}" && found=true
        done
        "${found:-false}"
        """;
    run("e2e/mesh/inside.sh", "sh", "-c", script, "sh", signal, namespace, app);
  }

  private static void run(String... command) {
    try {
      Process process = new ProcessBuilder(new ArrayList<>(List.of(command))).inheritIO().start();
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IllegalStateException(String.join(" ", command) + " has failed");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** How long something took to come about. */
  static Duration until(String what, Callable<Boolean> condition) {
    long begin = System.nanoTime();
    soon(what).pollInterval(Duration.ofMillis(100)).until(condition);
    return Duration.ofNanos(System.nanoTime() - begin);
  }
}
