package io.mtlsmigration.e2e;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toSet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.StreamSupport;

/**
 * A world of {@code oracle/} made of real pods, Services and policies, and called for real.
 *
 * <p>What the oracle says of an endpoint is what a client meets that is led to it. A client of a
 * cluster IP does not choose, so it calls often, and those that answer must be those of which the
 * oracle says that they do.
 */
final class AppliedWorld {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Their order of creation is what Istio goes by. */
  private static final Set<String> IN_ORDER =
      Set.of("Service", "PeerAuthentication", "DestinationRule", "Sidecar", "ServiceEntry");

  /** One call in two leads to either of two endpoints: one in 65,000 worlds misses one of them. */
  private static final int CALLS_TO_SEVERAL = 16;

  private static final String CERTIFICATE_HEADER = "RequestHeader=X-Forwarded-Client-Cert:";

  /** What rules of the worlds name as the client's certificate and key. */
  private static final String CERTIFICATES = "app-certificates";

  private final RealMesh mesh;
  private final JsonNode vector;
  private final Map<String, JsonNode> services = new HashMap<>();

  /** By Service, those that anybody else calls. */
  private final Map<String, Set<String>> called = new HashMap<>();

  AppliedWorld(RealMesh mesh, JsonNode vector) {
    this.mesh = mesh;
    this.vector = vector;
    for (JsonNode object : vector.get("objects")) {
      if (kind(object).equals("Service")) {
        services.put(key(object), object);
      }
    }
    for (JsonNode answer : vector.get("reachability")) {
      called
          .computeIfAbsent(answer.get("service").asText(), service -> new HashSet<>())
          .add(answer.get("to").asText());
    }
  }

  /** Why a cluster that exists cannot be that world; empty when it can. */
  static Optional<String> obstacle(JsonNode vector) {
    for (JsonNode object : vector.get("objects")) {
      JsonNode spec = object.path("spec");
      if (spec.path("hostNetwork").asBoolean()) {
        return Optional.of("a pod on the node's network, whose ports are taken there");
      }
      if (kind(object).equals("PeerAuthentication")
          && spec.has("portLevelMtls")
          && spec.path("selector").path("matchLabels").isEmpty()) {
        return Optional.of("a policy that the webhook refuses");
      }
    }
    return Optional.empty();
  }

  /**
   * Policies are there before the first proxy starts, so that none is ever configured otherwise.
   */
  void create() {
    configure();
    TreeMap<String, List<HasMetadata>> moments = new TreeMap<>();
    List<HasMetadata> pods = new ArrayList<>();
    for (JsonNode object : vector.get("objects")) {
      if (kind(object).equals("Pod")) {
        pods.add(typed(pod(object)));
      } else if (kind(object).equals("Namespace")) {
        namespace(object);
      } else if (IN_ORDER.contains(kind(object))) {
        moments
            .computeIfAbsent(
                object.get("metadata").get("creationTimestamp").asText(), at -> new ArrayList<>())
            .add(typed(plain(object)));
      }
    }
    String before = "";
    for (List<HasMetadata> together : moments.values()) {
      before = createInOneSecond(together, before);
    }
    all(pods, pod -> client().resource(pod).create());
    all(
        List.copyOf(pods.stream().map(pod -> pod.getMetadata().getNamespace()).collect(toSet())),
        namespace ->
            mesh.kubectl()
                .ok(
                    "wait",
                    "pods",
                    "-n=" + namespace,
                    "-l",
                    RealMesh.OURS,
                    "--for=condition=Ready",
                    "--timeout=110s"));
  }

  /** istiod watches its ConfigMap. */
  private void configure() {
    for (JsonNode object : vector.get("objects")) {
      if (kind(object).equals("ConfigMap")) {
        mesh.configure(object.get("data").get("mesh").asText());
      }
    }
  }

  /**
   * Timestamps are in seconds, and what is of one second is in the order of names.
   *
   * @return that second
   */
  private String createInOneSecond(List<HasMetadata> objects, String before) {
    for (int attempt = 1; ; attempt++) {
      awaitNextSecond();
      List<HasMetadata> created = all(objects, object -> client().resource(object).create());
      TreeSet<String> at =
          created.stream()
              .map(object -> object.getMetadata().getCreationTimestamp())
              .collect(toCollection(TreeSet::new));
      if (at.size() == 1 && at.first().compareTo(before) > 0) {
        return at.first();
      }
      if (attempt == 5) {
        throw new IllegalStateException("not to be created within a second: " + objects.size());
      }
      all(created, object -> client().resource(object).delete());
    }
  }

  private static void awaitNextSecond() {
    try {
      Thread.sleep(1000 - System.currentTimeMillis() % 1000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void namespace(JsonNode object) {
    String name = object.get("metadata").get("name").asText();
    if (!name.equals("istio-system")) {
      client().resource(typed(plain(object))).create();
    }
    String certificate = mesh.pem("apiserver.crt");
    String key = mesh.pem("apiserver.key");
    String authority = mesh.pem("ca.crt");
    secret(
        name, CERTIFICATES, Map.of("cert.pem", certificate, "key.pem", key, "ca.pem", authority));
    // What rules name as credentialName. A proxy gets it whose account may read it.
    secret(name, "server-ca", Map.of("ca.crt", authority));
    secret(
        name, "client-cert", Map.of("tls.crt", certificate, "tls.key", key, "ca.crt", authority));
    mesh.kubectl()
        .apply(
            """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: read-credentials, namespace: %1$s, labels: {e2e: visitor}}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
            subjects: [{kind: ServiceAccount, name: default, namespace: %1$s}]
            """
                .formatted(name));
  }

  private void secret(String namespace, String name, Map<String, String> content) {
    ObjectNode secret = JSON.createObjectNode().put("apiVersion", "v1").put("kind", "Secret");
    ObjectNode metadata =
        secret.putObject("metadata").put("name", name).put("namespace", namespace);
    metadata.putObject("labels").put("e2e", "visitor");
    ObjectNode data = secret.putObject("stringData");
    content.forEach(data::put);
    client().resource(typed(secret)).create();
  }

  /** Namespaces go while the next world is made, but for the one that is no world's own. */
  static void remove(RealMesh mesh) {
    Kubectl kubectl = mesh.kubectl();
    kubectl.ok("delete", "namespace", "-l", RealMesh.OURS, "--wait=false");
    kubectl.ok("delete", "peerauthentications", "--all", "-A");
    kubectl.ok("delete", "destinationrules,sidecars", "-A", "-l", RealMesh.OURS);
    kubectl.ok(
        "delete",
        "pods,services,secrets,rolebindings",
        "-n=istio-system",
        "-l",
        RealMesh.OURS,
        "--force",
        "--grace-period=0");
    mesh.configure("");
    kubectl.ok("wait", "--for=delete", "namespace/mesh-root", "--timeout=60s");
  }

  private static ObjectNode plain(JsonNode object) {
    ObjectNode plain = object.deepCopy();
    ObjectNode metadata = (ObjectNode) plain.get("metadata");
    metadata.remove(List.of("uid", "creationTimestamp"));
    metadata.withObjectProperty("labels").put("e2e", "visitor");
    JsonNode address = plain.path("spec").path("clusterIP");
    if (!address.isMissingNode() && !address.asText().equals("None")) {
      ((ObjectNode) plain.get("spec")).remove("clusterIP");
    }
    return plain;
  }

  /** A server on each port that is named, and a client beside it. */
  private static ObjectNode pod(JsonNode object) {
    ObjectNode pod = plain(object);
    pod.remove("status");
    JsonNode spec = object.get("spec");
    boolean nativeSidecar = spec.has("initContainers");
    boolean captured = nativeSidecar || spec.get("containers").size() > 1;

    ObjectNode metadata = (ObjectNode) pod.get("metadata");
    ((ObjectNode) metadata.get("labels"))
        .put("sidecar.istio.io/inject", Boolean.toString(captured));
    ObjectNode annotations = metadata.withObjectProperty("annotations");
    // The injector's own mark: it would leave the pod as it is.
    annotations.remove("sidecar.istio.io/status");
    annotations.put("sidecar.istio.io/nativeSidecar", Boolean.toString(nativeSidecar));
    annotations.put(
        "sidecar.istio.io/userVolume",
        "[{\"name\":\"app\",\"secret\":{\"secretName\":\"%s\"}}]".formatted(CERTIFICATES));
    annotations.put(
        "sidecar.istio.io/userVolumeMount", "[{\"name\":\"app\",\"mountPath\":\"/etc/app\"}]");

    ObjectNode made = pod.putObject("spec").put("terminationGracePeriodSeconds", 0);
    ArrayNode containers = made.putArray("containers");
    ObjectNode server =
        containers
            .addObject()
            .put("name", spec.get("containers").get(0).get("name").asText())
            .put("image", "docker.io/mesh/echo:1")
            .put("imagePullPolicy", "Never");
    // Ports below 1024 are root's.
    server.putObject("securityContext").put("runAsUser", 0);
    ArrayNode arguments = server.putArray("args").add("--grpc=17070").add("--tcp=17071");
    server.set("ports", spec.get("containers").get(0).get("ports").deepCopy());
    for (JsonNode port : server.get("ports")) {
      arguments.add("--port=" + port.get("containerPort").asInt());
    }
    containers
        .addObject()
        .put("name", "client")
        .put("image", "docker.io/curlimages/curl:8.16.0")
        .put("imagePullPolicy", "Never")
        .putArray("command")
        .add("sleep")
        .add("infinity");
    return pod;
  }

  /** The same vector over the objects as the cluster has them now. */
  JsonNode asTheClusterHasIt() {
    ObjectNode real = vector.deepCopy();
    ArrayNode objects = real.putArray("objects");
    String kinds =
        "namespaces,pods,services,endpointslices.discovery.k8s.io,peerauthentications,"
            + "destinationrules,sidecars.networking.istio.io,serviceentries";
    objects.add(read("get", "configmap", "istio", "-n=istio-system", "-o=json"));
    read("get", kinds, "-A", "-o=json").get("items").forEach(objects::add);
    return real;
  }

  private JsonNode read(String... arguments) {
    try {
      return JSON.readTree(mesh.kubectl().ok(arguments));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Calls every Service from every pod; in words, what went otherwise than Istio's code says. */
  List<String> disagreements() {
    Map<String, String> addresses = addresses();
    Map<String, List<JsonNode>> byClient =
        StreamSupport.stream(vector.get("reachability").spliterator(), false)
            .collect(
                groupingBy(
                    answer -> answer.get("from").asText(),
                    TreeMap::new,
                    toCollection(ArrayList::new)));
    return all(
            List.copyOf(byClient.entrySet()),
            client -> disagreements(client.getKey(), client.getValue(), addresses))
        .stream()
        .flatMap(List::stream)
        .toList();
  }

  private List<String> disagreements(
      String client, List<JsonNode> answers, Map<String, String> addresses) {
    Map<String, List<JsonNode>> destinations = new LinkedHashMap<>();
    for (JsonNode answer : answers) {
      String destination = answer.get("service").asText() + ":" + answer.get("port").asInt();
      if (headless(answer)) {
        destination += " at " + answer.get("to").asText();
      }
      destinations.computeIfAbsent(destination, d -> new ArrayList<>()).add(answer);
    }
    StringBuilder script = new StringBuilder();
    destinations.forEach(
        (destination, endpoints) -> script.append(calls(destination, endpoints, addresses)));
    String printed = exec(client, script + "true");

    List<String> disagreements = new ArrayList<>();
    destinations.forEach(
        (destination, endpoints) -> {
          String expected = expected(endpoints).toString();
          String seen = seen(printed, destination, client, endpoints).toString();
          if (!expected.equals(seen)) {
            disagreements.add(
                "%s → %s: Istio's code has it answered by %s, really answered by %s; %s"
                    .formatted(client, destination, expected, seen, endpoints));
          }
        });
    return disagreements;
  }

  /**
   * At once, since a proxy uses a connection again that is free; the answer comes late enough for
   * that.
   */
  private String calls(
      String destination, List<JsonNode> endpoints, Map<String, String> addresses) {
    JsonNode first = endpoints.getFirst();
    String service = first.get("service").asText();
    String host = name(service) + "." + namespace(service) + ".svc.cluster.local";
    int port = first.get("port").asInt();
    boolean chosen = destination.contains(" at ");
    boolean certain = chosen || called.get(service).size() == 1;
    String options =
        chosen
            ? "--resolve %s:%d:%s".formatted(host, port, addresses.get(first.get("to").asText()))
            : "";
    return """
    n=%d
    while [ "$n" -gt 0 ]; do
      n=$((n - 1))
      (
        answer=$(curl -s -m 3 %s 'http://%s:%d/?delay=100ms')
        echo "== %s
    $answer"
      ) &
    done
    wait
    """
        .formatted(certain ? 2 : CALLS_TO_SEVERAL, options, host, port, destination);
  }

  /** Those that answer, and what they are called with where they can tell. */
  private SortedSet<String> expected(List<JsonNode> endpoints) {
    TreeSet<String> expected = new TreeSet<>();
    for (JsonNode endpoint : endpoints) {
      if (endpoint.get("outcome").asText().equals("OK")) {
        String tls = tells(endpoint) ? " " + endpoint.get("clientTls").asText() : "";
        expected.add(name(endpoint.get("to").asText()) + tls);
      }
    }
    return expected;
  }

  private SortedSet<String> seen(
      String printed, String destination, String client, List<JsonNode> endpoints) {
    JsonNode first = endpoints.getFirst();
    boolean amongThem = namespace(client).equals(namespace(first.get("service").asText()));
    TreeSet<String> seen = new TreeSet<>();
    int made = 0;
    for (String answer : printed.split("(?m)^== ")) {
      if (!answer.startsWith(destination + "\n")) {
        continue;
      }
      made++;
      String tls = answer.contains(CERTIFICATE_HEADER) ? " ISTIO_MUTUAL" : " PLAINTEXT";
      answer
          .lines()
          .filter(line -> line.startsWith("Hostname="))
          .map(line -> line.substring("Hostname=".length()))
          .filter(host -> !amongThem || !host.equals(name(client)))
          .forEach(host -> seen.add(host + (tells(first) ? tls : "")));
    }
    if (made == 0) {
      throw new IllegalStateException(
          "no call of " + client + " to " + destination + ": " + printed);
    }
    return seen;
  }

  /** Envoy tells HTTP servers, and of a port that is not declared it guesses by Istio's ALPN. */
  private boolean tells(JsonNode answer) {
    for (JsonNode port : services.get(answer.get("service").asText()).get("spec").get("ports")) {
      if (port.get("port").asInt() == answer.get("port").asInt()) {
        return port.path("name").asText().matches("(http|grpc)(-.*)?");
      }
    }
    throw new IllegalStateException("no such port: " + answer);
  }

  private String exec(String client, String script) {
    return mesh.kubectl()
        .ok("exec", name(client), "-n=" + namespace(client), "-c=client", "--", "sh", "-c", script);
  }

  private Map<String, String> addresses() {
    Map<String, String> addresses = new HashMap<>();
    mesh.kubectl()
        .ok(
            "get",
            "pods",
            "-A",
            "-l",
            RealMesh.OURS,
            "-o=jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.name} {.status.podIP}{\"\\n\"}{end}")
        .lines()
        .map(line -> line.split(" "))
        .forEach(pair -> addresses.put(pair[0], pair[1]));
    return addresses;
  }

  private boolean headless(JsonNode answer) {
    JsonNode service = services.get(answer.get("service").asText());
    return service.get("spec").path("clusterIP").asText().equals("None");
  }

  private interface Task<A, B> {
    B of(A item);
  }

  /** For all at once, with what each gives, in their order. */
  private static <A, B> List<B> all(List<A> items, Task<A, B> task) {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<B>> begun =
          items.stream().map(item -> threads.submit(() -> task.of(item))).toList();
      List<B> given = new ArrayList<>();
      for (Future<B> future : begun) {
        given.add(future.get());
      }
      return given;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private KubernetesClient client() {
    return mesh.client();
  }

  private HasMetadata typed(JsonNode object) {
    return client().resource(object.toString()).item();
  }

  private static String kind(JsonNode object) {
    return object.get("kind").asText();
  }

  private static String key(JsonNode object) {
    JsonNode metadata = object.get("metadata");
    return metadata.get("namespace").asText() + "/" + metadata.get("name").asText();
  }

  private static String namespace(String key) {
    return key.substring(0, key.indexOf('/'));
  }

  private static String name(String key) {
    return key.substring(key.indexOf('/') + 1);
  }
}
