// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A cluster for one test class: an empty one, in which nothing of another class is left. Register
 * it as a static extension. Data and logs stay in {@code target/e2e/CLASS} afterwards.
 *
 * <pre>{@code
 * @RegisterExtension static final TestCluster CLUSTER = TestCluster.withIstio().withService();
 * }</pre>
 */
public final class TestCluster implements BeforeAllCallback, AfterAllCallback {

  /** The namespace and the ServiceAccount of {@code k8s/base}. */
  public static final String OWN = "mtls-migration";

  /** Who the service is to the API server. */
  static final String SERVICE = "system:serviceaccount:" + OWN + ":" + OWN;

  private static final Path MANIFESTS = Path.of("k8s/overlays");
  private static final Path EXEC_EVERYWHERE =
      Path.of("k8s/components/exec-everywhere/binding.yaml");
  private static final Path TASK = Path.of("src/test/resources/e2e/task.yaml");
  private static final Path ISTIO_CRDS = Path.of("src/test/resources/istio-crds");

  private final boolean istio;
  private final boolean task;
  private final String overlay;
  private final boolean recorded;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private Path folder = Path.of("target/e2e");
  private ApiServer api;
  private KubernetesClient admin;
  private StandInPrometheus prometheus;

  private TestCluster(boolean istio, boolean task, String overlay, boolean recorded) {
    this.istio = istio;
    this.task = task;
    this.overlay = overlay;
    this.recorded = recorded;
  }

  /** Kubernetes alone. */
  public static TestCluster bare() {
    return new TestCluster(false, false, "", false);
  }

  /** With the custom resource definitions of Istio, its root namespace and mesh configuration. */
  public static TestCluster withIstio() {
    return new TestCluster(true, false, "", false);
  }

  /**
   * And with the workloads of Istio's task, whose node, containers, istiod and Prometheus stand in:
   * see {@link StandInNode}, {@link StandInMesh} and {@link StandInPrometheus}.
   */
  public TestCluster withTask() {
    return new TestCluster(istio, true, overlay, recorded);
  }

  /** And with {@code k8s/overlays/single} applied, as users would, and exec allowed everywhere. */
  public TestCluster withService() {
    return withService("single");
  }

  public TestCluster withService(String name) {
    return new TestCluster(istio, task, name, recorded);
  }

  /** And with a record of what the service asks of the API server: {@link #requests}. */
  public TestCluster recorded() {
    return new TestCluster(istio, task, overlay, true);
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    folder = Path.of("target/e2e", context.getRequiredTestClass().getSimpleName());
    empty(folder);
    try {
      api =
          closing(
              ApiServer.start(folder, recorded ? RequestLog.flags(folder, SERVICE) : List.of()));
      admin = closing(api.admin().client());
      closing(ControllerManager.start(api));
      if (istio) {
        installIstio(kubectl());
      }
      if (!overlay.isEmpty()) {
        install(overlay);
      }
      if (task) {
        runTask();
      }
    } catch (RuntimeException | Error e) {
      afterAll(context);
      throw e;
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception e) {
        System.err.println("could not close: " + e);
      }
    }
  }

  /** The server itself, to kill and restart it. */
  public ApiServer api() {
    return api;
  }

  /** What the service has asked of the API server so far. */
  public List<RequestLog.Request> requests() {
    return RequestLog.read(folder);
  }

  /** A client past RBAC; closed with the cluster. */
  public KubernetesClient admin() {
    return admin;
  }

  /** kubectl past RBAC. */
  public Kubectl kubectl() {
    return api.admin().kubectl();
  }

  /** Makes a step a dependent of its plan, as earlier releases did. */
  public void owns(String plan, String step) {
    String uid = kubectl().ok("get", "migrationplan", plan, "-o=jsonpath={.metadata.uid}");
    kubectl()
        .ok(
            "patch",
            "namespacemigration",
            step,
            "-n=" + OWN,
            "--type=merge",
            "-p={\"metadata\":{\"ownerReferences\":[{\"apiVersion\":\"mtls-migration.io/v1\","
                + "\"kind\":\"MigrationPlan\",\"name\":\"%s\",\"uid\":\"%s\"}]}}"
                    .formatted(plan, uid));
  }

  /** Returns the owners of a step as JSON; empty when it has none. */
  public String ownersOf(String step) {
    return kubectl()
        .ok(
            "get",
            "namespacemigration",
            step,
            "-n=" + OWN,
            "-o=jsonpath={.metadata.ownerReferences}");
  }

  /** Whatever is opened for the class; closed with it, the youngest first. */
  public <T extends AutoCloseable> T closing(T resource) {
    opened.push(resource);
    return resource;
  }

  /** Applies an overlay of {@code k8s/} and waits for its definitions to be served. */
  public void install(String name) {
    install(kubectl(), name);
  }

  static void install(Kubectl kubectl, String overlay) {
    kubectl.ok("apply", "--server-side", "-k", MANIFESTS.resolve(overlay).toString());
    kubectl.ok("apply", "--server-side", "-f", EXEC_EVERYWHERE.toString());
    served(kubectl);
  }

  /**
   * What the service itself may do: a token of the shipped ServiceAccount, under the shipped RBAC.
   */
  public Kubeconfig service() {
    return as(OWN, OWN);
  }

  /** A kubeconfig with a real token of a ServiceAccount, which is created when it is not there. */
  public Kubeconfig as(String namespace, String serviceAccount) {
    namespace(namespace, Map.of());
    createUnlessThere(
        new ServiceAccountBuilder()
            .withNewMetadata()
            .withNamespace(namespace)
            .withName(serviceAccount)
            .endMetadata()
            .build());
    return api.kubeconfig(namespace + "." + serviceAccount, token(namespace, serviceAccount));
  }

  /** A token for an hour, for the audience of the API server. */
  public String token(String namespace, String serviceAccount) {
    TokenRequest request =
        admin
            .serviceAccounts()
            .inNamespace(namespace)
            .withName(serviceAccount)
            .tokenRequest(tokenFor(Duration.ofHours(1)));
    return request.getStatus().getToken();
  }

  static TokenRequest tokenFor(Duration lifetime) {
    return new TokenRequestBuilder()
        .withNewSpec()
        .withAudiences(ApiServer.ISSUER)
        .withExpirationSeconds(lifetime.toSeconds())
        .endSpec()
        .build();
  }

  /** Creates a namespace unless it is there. */
  public void namespace(String name, Map<String, String> labels) {
    createUnlessThere(
        new NamespaceBuilder()
            .withNewMetadata()
            .withName(name)
            .withLabels(labels)
            .endMetadata()
            .build());
    // The default account is what pods run as; a controller makes it.
    await("default ServiceAccount of " + name)
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> admin.serviceAccounts().inNamespace(name).withName("default").get() != null);
  }

  private void createUnlessThere(HasMetadata object) {
    if (admin.resource(object).get() == null) {
      admin.resource(object).create();
    }
  }

  /** Starts the packaged service against this cluster; stopped with it. */
  public ServiceProcess.Builder process(String name) {
    return new ServiceProcess.Builder(this, folder.resolve(name));
  }

  /**
   * The same, set up for the task's workloads: it asks the stand-in Prometheus, knows that the
   * stand-in proxies drain at once, and probes every second.
   */
  public ServiceProcess.Builder taskService(String name) {
    return process(name)
        .with("mtls-migration.prometheus.url", prometheus().url().toString())
        .with("mtls-migration.prometheus.refresh", "1s")
        .with("mtls-migration.limits.drain", "0s")
        .with("mtls-migration.limits.scrape-interval", "1s")
        .with("mtls-migration.limits.log-lag", "0s")
        .with("mtls-migration.limits.held-connection", "5s")
        .with("mtls-migration.probes.interval", "1s")
        .with("mtls-migration.probes.plaintext", "always");
  }

  private List<String> pods() {
    return kubectl()
        .ok(
            "get",
            "pods",
            "-A",
            "-o=jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.name}/{.metadata.creationTimestamp}"
                + "{\"\\n\"}{end}")
        .lines()
        .toList();
  }

  private StandInPrometheus prometheus() {
    if (prometheus == null) {
      prometheus = closing(new StandInPrometheus(this::pods));
    }
    return prometheus;
  }

  /** Waits until the matrix is printed so. */
  public void awaitMatrix(ServiceProcess service, String expected) {
    await("matrix")
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(
            () ->
                assertEquals(
                    expected, service.http().accept("text/plain").get("/connectivity").asString()));
  }

  /** Makes a plan by POST, and leaves it a draft. */
  public static void draft(ServiceProcess service, String plan) {
    service.http().contentType(ContentType.JSON).body(plan).post("/plans").then().statusCode(201);
  }

  /** Makes a plan and starts it. */
  public static void start(ServiceProcess service, String plan, String name) {
    draft(service, plan);
    start(service::http, name);
  }

  /** Starts a plan; a leader that has just begun may not answer another replica. */
  static void start(Supplier<RequestSpecification> http, String name) {
    int status =
        await("plan " + name + " starts")
            .atMost(Duration.ofSeconds(90))
            .until(() -> http.get().post("/plans/" + name + "/start").statusCode(), s -> s != 503);
    assertEquals(202, status);
  }

  /** Waits until a plan is in this phase. */
  public void awaitPlan(ServiceProcess service, String plan, String phase) {
    await("plan " + plan + " is " + phase)
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(
            () -> {
              JsonPath read = service.http().get("/plans/" + plan).jsonPath();
              assertEquals(phase, read.getString("phase"), () -> told(service, plan));
            });
  }

  /** What an operator would read first. */
  private static String told(ServiceProcess service, String plan) {
    return service.http().get("/plans/" + plan).jsonPath().getString("waitingOn")
        + "\n"
        + service.http().get("/plans/" + plan + "/events").asString();
  }

  /** Istio's definitions, its root namespace and the mesh's configuration. */
  static void installIstio(Kubectl kubectl) {
    kubectl.ok("apply", "--server-side", "-f", ISTIO_CRDS.toString());
    served(kubectl);
    kubectl.apply(
        """
        apiVersion: v1
        kind: Namespace
        metadata:
          name: istio-system
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: istio
          namespace: istio-system
        data:
          mesh: |
            rootNamespace: istio-system
            trustDomain: cluster.local
            enableAutoMtls: true
          meshNetworks: "networks: {}"
        """);
  }

  private void runTask() {
    StandInMesh mesh = closing(new StandInMesh(admin));
    StandInKubelet kubelet = new StandInKubelet(mesh, api.authority(), api.authorityKey());
    closing(new StandInNode(admin, kubelet));
    kubectl().ok("apply", "--server-side", "-f", TASK.toString());
    for (String namespace : List.of("foo", "bar", "legacy", "istio-system")) {
      kubectl().ok("rollout", "status", "deployment", "-n", namespace, "--timeout=60s");
    }
  }

  private static void served(Kubectl kubectl) {
    kubectl.ok("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s");
  }

  private static void empty(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(folder)) {
      List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
