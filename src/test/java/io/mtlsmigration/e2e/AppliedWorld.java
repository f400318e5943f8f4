// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

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
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

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
      Set.of("Service", "PeerAuthentication", "DestinationRule", "Sidecar");

  /** One call in two leads to either of two endpoints: one in 65,000 worlds misses one of them. */
  private static final int CALLS_TO_SEVERAL = 16;

  /** For entries without one, which go by the name that a request has. */
  private static final String ANY_ADDRESS = "10.97.255.255";

  private static final String CERTIFICATE_HEADER = "RequestHeader=X-Forwarded-Client-Cert:";

  /** What rules of the worlds name as the client's certificate and key. */
  private static final String CERTIFICATES = "app-certificates";

  private final RealMesh mesh;
  private final JsonNode vector;
  private final Map<String, JsonNode> services = new HashMap<>();

  private final Map<String, JsonNode> entries = new HashMap<>();

  /** Of pods, by their names. */
  private final Map<String, String> addresses = new HashMap<>();

  /** By those that the generator gave. */
  private final Map<String, String> realAddresses = new HashMap<>();

  /** By Service, those that anybody else calls. */
  private final Map<String, Set<String>> called = new HashMap<>();

  AppliedWorld(RealMesh mesh, JsonNode vector) {
    this.mesh = mesh;
    this.vector = vector;
    for (JsonNode object : vector.get("objects")) {
      if (kind(object).equals("Service")) {
        services.put(key(object), object);
      } else if (kind(object).equals("ServiceEntry")) {
        entries.put(key(object), object);
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
      if (namesAccounts(object)) {
        return Optional.of("a ServiceEntry that has clients expect an account");
      }
    }
    return Optional.empty();
  }

  /**
   * Clients verify what an entry adds to a Service by the accounts of the Service's own pods, and
   * an endpoint that names an account by that one. The oracle does not ask about accounts.
   */
  private static boolean namesAccounts(JsonNode object) {
    JsonNode spec = object.path("spec");
    return kind(object).equals("ServiceEntry")
        && (spec.path("hosts").toString().contains(".svc.cluster.local")
            || spec.path("endpoints").toString().contains("serviceAccount"));
  }

  /**
   * Policies are there before the first proxy starts, so that none is ever configured otherwise.
   */
  void create() {
    configure();
    List<JsonNode> first = new ArrayList<>();
    List<JsonNode> last = new ArrayList<>();
    List<HasMetadata> pods = new ArrayList<>();
    for (JsonNode object : vector.get("objects")) {
      if (kind(object).equals("Pod")) {
        pods.add(typed(pod(object)));
      } else if (kind(object).equals("Namespace")) {
        namespace(object);
      } else if (IN_ORDER.contains(kind(object))) {
        first.add(object);
      } else if (kind(object).equals("ServiceEntry")) {
        last.add(object);
      }
    }
    createInOrder(first);
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
    readAddresses();
    // They name pods by address, and calls to them begin when all is there.
    createInOrder(last);
  }

  private void createInOrder(List<JsonNode> objects) {
    TreeMap<String, List<HasMetadata>> moments = new TreeMap<>();
    for (JsonNode object : objects) {
      moments
          .computeIfAbsent(
              object.get("metadata").get("creationTimestamp").asText(), at -> new ArrayList<>())
          .add(typed(addressed(plain(object))));
    }
    String before = "";
    for (List<HasMetadata> together : moments.values()) {
      before = createInOneSecond(together, before);
    }
  }

  /** With the addresses that pods have got in place of those that the generator gave them. */
  private JsonNode addressed(JsonNode object) {
    if (object.isTextual()) {
      return JSON.getNodeFactory()
          .textNode(realAddresses.getOrDefault(object.asText(), object.asText()));
    }
    if (object.isArray()) {
      ArrayNode addressed = JSON.createArrayNode();
      object.forEach(element -> addressed.add(addressed(element)));
      return addressed;
    }
    if (object.isObject()) {
      ObjectNode addressed = JSON.createObjectNode();
      object
          .properties()
          .forEach(field -> addressed.set(field.getKey(), addressed(field.getValue())));
      return addressed;
    }
    return object;
  }

  private void readAddresses() {
    String each =
        "{range .items[*]}{.metadata.namespace}/{.metadata.name} {.status.podIP}{\"\\n\"}{end}";
    Map<String, String> real = new HashMap<>();
    mesh.kubectl()
        .ok("get", "pods", "-A", "-l", RealMesh.OURS, "-o=jsonpath=" + each)
        .lines()
        .map(line -> line.split(" "))
        .forEach(pair -> real.put(pair[0], pair[1]));
    for (JsonNode object : vector.get("objects")) {
      if (kind(object).equals("Pod")) {
        String address = Objects.requireNonNull(real.get(key(object)), key(object));
        addresses.put(key(object), address);
        realAddresses.put(object.get("status").get("podIP").asText(), address);
      }
    }
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
    kubectl.ok("delete", "destinationrules,sidecars,serviceentries", "-A", "-l", RealMesh.OURS);
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

    ObjectNode made =
        pod.putObject("spec")
            .put("hostname", hostname(key(object)))
            .put("terminationGracePeriodSeconds", 0);
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
    for (JsonNode object : read("get", kinds, "-A", "-o=json").get("items")) {
      // Pods of others, who would be clients as well, are not in the vector.
      if (!kind(object).equals("Pod") || addresses.containsKey(key(object))) {
        objects.add(object);
      }
    }
    return real;
  }

  private JsonNode read(String... arguments) {
    try {
      return JSON.readTree(mesh.kubectl().ok(arguments));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Calls every Service from every pod, and every ServiceEntry from those that know it; in words,
   * what went otherwise than Istio's code says.
   */
  List<String> disagreements() {
    Map<String, Map<String, Call>> byClient = new TreeMap<>();
    for (JsonNode answer : vector.get("reachability")) {
      add(byClient, answer, toService(answer));
    }
    for (JsonNode answer : vector.path("entries")) {
      add(byClient, answer, toEntry(answer));
    }
    return all(
            List.copyOf(byClient.entrySet()),
            client -> disagreements(client.getKey(), client.getValue().values()))
        .stream()
        .flatMap(List::stream)
        .toList();
  }

  private static void add(Map<String, Map<String, Call>> byClient, JsonNode answer, Call call) {
    byClient
        .computeIfAbsent(answer.get("from").asText(), client -> new LinkedHashMap<>())
        .computeIfAbsent(call.to(), to -> call)
        .answers()
        .add(answer);
  }

  /**
   * What a client does to one destination.
   *
   * @param to the destination, in one word
   * @param address that is dialled, in place of the host's own; empty = by name
   * @param times how often, all at once
   * @param tells whether servers are told of the client's certificate
   * @param answers what Istio's code says of each endpoint
   */
  private record Call(
      String to,
      String host,
      int port,
      String address,
      int times,
      boolean tells,
      List<JsonNode> answers) {

    /**
     * At once, since a proxy uses a connection again that is free; the answer comes late enough for
     * that.
     */
    String script() {
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
          .formatted(
              times,
              address.isEmpty() ? "" : "--resolve %s:%d:%s".formatted(host, port, address),
              host,
              port,
              to);
    }

    /** Those that answer, and what they are called with where they can tell. */
    NavigableSet<String> expected() {
      NavigableSet<String> expected = new TreeSet<>();
      for (JsonNode answer : answers) {
        if (answer.get("outcome").asText().equals("OK")) {
          String tls = tells ? " " + answer.get("clientTls").asText() : "";
          expected.add(hostname(answer.get("to").asText()) + tls);
        }
      }
      return expected;
    }

    NavigableSet<String> seen(String printed) {
      NavigableSet<String> seen = new TreeSet<>();
      int made = 0;
      for (String answer : printed.split("(?m)^== ")) {
        if (answer.startsWith(to + "\n")) {
          made++;
          String tls = answer.contains(CERTIFICATE_HEADER) ? " ISTIO_MUTUAL" : " PLAINTEXT";
          answer
              .lines()
              .filter(line -> line.startsWith("Hostname="))
              .map(line -> line.substring("Hostname=".length()) + (tells ? tls : ""))
              .forEach(seen::add);
        }
      }
      if (made != times) {
        throw new IllegalStateException(made + " calls to " + to + " in: " + printed);
      }
      return seen;
    }
  }

  private Call toService(JsonNode answer) {
    String service = answer.get("service").asText();
    int port = answer.get("port").asInt();
    String to = service + ":" + port;
    String host = name(service) + "." + namespace(service) + ".svc.cluster.local";
    boolean several = called.get(service).size() > 1;
    String address = "";
    if (services.get(service).get("spec").path("clusterIP").asText().equals("None")) {
      to += "@" + answer.get("to").asText();
      address = addresses.get(answer.get("to").asText());
      several = false;
    }
    boolean tells = tells(service, port);
    return new Call(
        to, host, port, address, several ? CALLS_TO_SEVERAL : 2, tells, new ArrayList<>());
  }

  /** By the address that it has; with resolution NONE the address that is dialled is called. */
  private Call toEntry(JsonNode answer) {
    String entry = answer.get("entry").asText();
    JsonNode spec = entries.get(entry).get("spec");
    int port = answer.get("port").asInt();
    String host = answer.get("host").asText();
    String to = entry + ":" + host + ":" + port;
    String address = ANY_ADDRESS;
    int times = CALLS_TO_SEVERAL;
    if (spec.path("resolution").asText("NONE").equals("NONE")) {
      to += "@" + answer.get("to").asText();
      address = addresses.get(answer.get("to").asText());
      times = 2;
    } else if (spec.has("addresses")) {
      address = spec.get("addresses").get(0).asText();
    }
    return new Call(to, host, port, address, times, false, new ArrayList<>());
  }

  private List<String> disagreements(String client, Collection<Call> calls) {
    StringBuilder script = new StringBuilder();
    calls.forEach(call -> script.append(call.script()));
    String printed = exec(client, script.toString());

    List<String> disagreements = new ArrayList<>();
    for (Call call : calls) {
      NavigableSet<String> expected = call.expected();
      NavigableSet<String> seen = call.seen(printed);
      // What a pod answers itself takes other ways through its iptables rules: never asked about.
      expected.removeIf(host -> host.split(" ")[0].equals(hostname(client)));
      seen.removeIf(host -> host.split(" ")[0].equals(hostname(client)));
      if (!expected.equals(seen)) {
        disagreements.add(
            "%s → %s: Istio's code has it answered by %s, really answered by %s; %s"
                .formatted(client, call.to(), expected, seen, call.answers()));
      }
    }
    return disagreements;
  }

  /** Envoy tells HTTP servers, and of a port that is not declared it guesses by Istio's ALPN. */
  private boolean tells(String service, int number) {
    for (JsonNode port : services.get(service).get("spec").get("ports")) {
      if (port.get("port").asInt() == number) {
        return port.path("name").asText().matches("(http|grpc)(-.*)?");
      }
    }
    throw new IllegalStateException("no such port: " + service + ":" + number);
  }

  private String exec(String client, String script) {
    return mesh.kubectl()
        .ok("exec", name(client), "-n=" + namespace(client), "-c=client", "--", "sh", "-c", script);
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

  /** Pods of two namespaces may have one name: what the servers print tells them apart. */
  private static String hostname(String key) {
    return key.replace('/', '-');
  }

  private static String namespace(String key) {
    return key.substring(0, key.indexOf('/'));
  }

  private static String name(String key) {
    return key.substring(key.indexOf('/') + 1);
  }
}
