// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * {@code k8s/} without a cluster: what a reviewer of its YAML would have to look at each time. That
 * a cluster takes it and that the service gets along with its roles is for {@code DeploymentE2E}.
 */
final class ManifestsTest {

  private static final Path FOLDER = Path.of("k8s");
  private static final Pattern DOCUMENTED =
      Pattern.compile("`((?:mtls-migration|quarkus)\\.[a-z.-]+)`");

  private final KubernetesSerialization serialization = new KubernetesSerialization();

  @Test
  void listsEveryFileInAKustomization() throws IOException {
    Set<Path> listed = new TreeSet<>();
    Set<Path> present = new TreeSet<>();
    for (Path file : files(FOLDER)) {
      if (file.endsWith("kustomization.yaml")) {
        listed.addAll(listedIn(file));
      } else {
        present.add(file);
      }
    }

    assertEquals(present, listed.stream().filter(Files::isRegularFile).collect(Collectors.toSet()));
    assertEquals(List.of(), listed.stream().filter(Files::notExists).toList());
  }

  /** Kustomize takes a patch that begins with a bracket for JSON, and its braces for no YAML. */
  @Test
  void showsPatchesThatKustomizeReads() throws IOException {
    Matcher example =
        Pattern.compile("```yaml\n(apiVersion: kustomize.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(FOLDER.resolve("README.md")));
    assertTrue(example.find());
    JsonNode patches = new YAMLMapper().readTree(example.group(1)).path("patches");

    assertFalse(patches.isEmpty());
    for (JsonNode patch : patches) {
      String text = patch.path("patch").asText();
      assertDoesNotThrow(
          () -> (text.startsWith("[") ? new JsonMapper() : new YAMLMapper()).readTree(text));
    }
  }

  @Test
  void grantsNothingByWildcardAndNoWayToMore() throws IOException {
    Set<String> beyond = Set.of("escalate", "bind", "impersonate");
    for (HasMetadata role : all()) {
      for (PolicyRule rule : rules(role)) {
        String words = role.getKind() + " " + role.getMetadata().getName() + ": " + rule;
        Stream.of(rule.getVerbs(), rule.getResources(), rule.getApiGroups())
            .forEach(list -> assertFalse(list.contains("*"), words));
        assertTrue(rule.getVerbs().stream().noneMatch(beyond::contains), words);
        assertFalse(rule.getResources().contains("secrets"), words);
        assertFalse(rule.getVerbs().contains("deletecollection"), words);
      }
    }
  }

  @Test
  void bindsRolesThatExistToTheOneAccount() throws IOException {
    Set<String> roles =
        all().stream()
            .filter(object -> !rules(object).isEmpty())
            .map(object -> object.getKind() + "/" + object.getMetadata().getName())
            .collect(Collectors.toSet());
    List<Subject> subjects = new ArrayList<>();

    for (HasMetadata object : all()) {
      if (object instanceof ClusterRoleBinding binding) {
        assertTrue(roles.contains("ClusterRole/" + binding.getRoleRef().getName()));
        subjects.addAll(binding.getSubjects());
      }
      if (object instanceof RoleBinding binding) {
        assertTrue(roles.contains("Role/" + binding.getRoleRef().getName()));
        subjects.addAll(binding.getSubjects());
      }
    }

    PodSpec pod = pod();
    assertFalse(subjects.isEmpty());
    for (Subject subject : subjects) {
      assertEquals("ServiceAccount", subject.getKind());
      assertEquals(pod.getServiceAccountName(), subject.getName());
      assertEquals(deployment().getMetadata().getNamespace(), subject.getNamespace());
    }
  }

  @Test
  void runsWithoutPrivilegesOnAReadOnlyRoot() throws IOException {
    PodSpec pod = pod();
    Container container = container();
    var context = container.getSecurityContext();

    assertAll(
        () -> assertTrue(pod.getSecurityContext().getRunAsNonRoot()),
        () -> assertTrue(pod.getSecurityContext().getRunAsUser() > 0),
        () ->
            assertEquals("RuntimeDefault", pod.getSecurityContext().getSeccompProfile().getType()),
        () -> assertFalse(context.getAllowPrivilegeEscalation()),
        () -> assertTrue(context.getReadOnlyRootFilesystem()),
        () -> assertEquals(List.of("ALL"), context.getCapabilities().getDrop()),
        () -> assertEquals(List.of(), context.getCapabilities().getAdd()),
        () -> assertNotNull(container.getResources().getLimits().get("memory")),
        () ->
            assertTrue(
                container.getVolumeMounts().stream()
                    .anyMatch(mount -> mount.getMountPath().equals("/tmp")),
                "nothing can be written without /tmp"));
  }

  @Test
  void meansThePortsOfTheConfiguration() throws IOException {
    int http = Integer.parseInt(property("quarkus.http.port"));
    int management = Integer.parseInt(property("quarkus.management.port"));
    Container container = container();
    IntOrString replicas = new IntOrString(port(container, "replicas"));
    NetworkPolicy network = only(NetworkPolicy.class);

    assertTrue(
        Files.readString(Path.of("docs/configuration.md"))
            .contains(
                "| `https://`, the pod's address (`POD_IP`), " + replicas.getIntVal() + " |"));
    assertEquals(
        List.of(replicas),
        network.getSpec().getEgress().stream()
            .filter(rule -> rule.getTo().stream().anyMatch(ManifestsTest::areReplicas))
            .flatMap(rule -> rule.getPorts().stream())
            .map(rule -> rule.getPort())
            .toList());
    assertEquals(http, port(container, "http"));
    assertEquals(management, port(container, "management"));
    for (Probe probe :
        List.of(
            container.getStartupProbe(),
            container.getLivenessProbe(),
            container.getReadinessProbe())) {
      assertEquals(new IntOrString("management"), probe.getHttpGet().getPort());
      assertTrue(probe.getHttpGet().getPath().startsWith("/q/health/"));
    }
    assertEquals(
        List.of(new IntOrString(http), new IntOrString(management), replicas),
        network.getSpec().getIngress().stream()
            .flatMap(rule -> rule.getPorts().stream())
            .map(rule -> rule.getPort())
            .toList());
    assertEquals(
        List.of(new IntOrString("http")),
        service().getSpec().getPorts().stream().map(p -> p.getTargetPort()).toList());
  }

  private static boolean areReplicas(NetworkPolicyPeer peer) {
    return peer.getPodSelector() != null && peer.getNamespaceSelector() == null;
  }

  /** Of three ways to have it scraped each finds the port and the path where they are. */
  @Test
  void tellsPrometheusWhereMetricsAre() throws IOException {
    var annotations = deployment().getSpec().getTemplate().getMetadata().getAnnotations();
    int management = port(container(), "management");
    JsonNode pods = custom("PodMonitor");
    JsonNode services = custom("ServiceMonitor");
    Service offered =
        all().stream()
            .filter(Service.class::isInstance)
            .map(Service.class::cast)
            .filter(
                service ->
                    service
                        .getMetadata()
                        .getLabels()
                        .entrySet()
                        .containsAll(labels(services.at("/spec/selector/matchLabels")).entrySet()))
            .collect(onlyElement());

    assertEquals(String.valueOf(management), annotations.get("prometheus.io/port"));
    assertEquals("/q/metrics", annotations.get("prometheus.io/path"));
    for (JsonNode endpoint :
        List.of(pods.at("/spec/podMetricsEndpoints/0"), services.at("/spec/endpoints/0"))) {
      assertEquals("management", endpoint.path("port").asText());
      assertEquals("/q/metrics", endpoint.path("path").asText());
    }
    assertEquals("management", offered.getSpec().getPorts().getFirst().getName());
    assertEquals(management, offered.getSpec().getPorts().getFirst().getPort());
    assertEquals(
        deployment().getSpec().getSelector().getMatchLabels(),
        labels(pods.at("/spec/selector/matchLabels")));
    assertEquals(
        deployment().getSpec().getSelector().getMatchLabels(), offered.getSpec().getSelector());
  }

  private static Map<String, String> labels(JsonNode selector) {
    Map<String, String> labels = new TreeMap<>();
    selector.properties().forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
    return labels;
  }

  private static <T> Collector<T, ?, T> onlyElement() {
    return Collectors.collectingAndThen(
        Collectors.toList(),
        found -> {
          assertEquals(1, found.size(), found.toString());
          return found.getFirst();
        });
  }

  private JsonNode custom(String kind) throws IOException {
    return new YAMLMapper()
        .valueToTree(
            all().stream().filter(object -> object.getKind().equals(kind)).collect(onlyElement()));
  }

  private Service service() throws IOException {
    return all().stream()
        .filter(Service.class::isInstance)
        .map(Service.class::cast)
        .filter(service -> service.getMetadata().getName().equals("mtls-migration"))
        .collect(onlyElement());
  }

  @Test
  void selectsItsPodsByLabelsThatTheyHave() throws IOException {
    var labels = deployment().getSpec().getTemplate().getMetadata().getLabels().entrySet();

    assertTrue(labels.containsAll(service().getSpec().getSelector().entrySet()));
    assertTrue(
        labels.containsAll(deployment().getSpec().getSelector().getMatchLabels().entrySet()));
    assertTrue(
        labels.containsAll(
            only(NetworkPolicy.class).getSpec().getPodSelector().getMatchLabels().entrySet()));
  }

  @Test
  void setsOnlyKeysThatAreDocumented() throws IOException {
    Set<String> variables =
        keys().stream()
            .map(key -> key.replaceAll("[^a-z0-9]", "_").toUpperCase(Locale.ROOT))
            .collect(Collectors.toSet());

    String documentation = Files.readString(Path.of("docs/configuration.md"));
    for (EnvVar variable : container().getEnv()) {
      String name = variable.getName();
      boolean known =
          variable.getValueFrom() == null
              ? variables.contains(name)
              : documentation.contains("(`" + name + "`)");
      assertTrue(known, name + " is no key");
    }
  }

  private static Set<String> keys() throws IOException {
    Set<String> keys = new TreeSet<>();
    Matcher matcher = DOCUMENTED.matcher(Files.readString(Path.of("docs/configuration.md")));
    while (matcher.find()) {
      keys.add(matcher.group(1));
    }
    return keys;
  }

  private static String property(String key) throws IOException {
    Properties properties = new Properties();
    try (InputStream in = ManifestsTest.class.getResourceAsStream("/application.properties")) {
      properties.load(in);
    }
    return properties.getProperty(key);
  }

  private static int port(Container container, String name) {
    return container.getPorts().stream()
        .filter(port -> port.getName().equals(name))
        .findFirst()
        .orElseThrow()
        .getContainerPort();
  }

  private static List<PolicyRule> rules(HasMetadata object) {
    return switch (object) {
      case ClusterRole role -> role.getRules();
      case Role role -> role.getRules();
      default -> List.of();
    };
  }

  /**
   * A tick, events that are still to be written, watches and the lease come after the last call.
   */
  @Test
  void givesItTheTimeThatItTakesToStop() throws IOException {
    Properties application = new Properties();
    try (InputStream in = ManifestsTest.class.getResourceAsStream("/application.properties")) {
      application.load(in);
    }
    long answers =
        Duration.parse("PT" + application.getProperty("quarkus.shutdown.timeout")).toSeconds();
    Container container = pod().getContainers().getFirst();
    long before = container.getLifecycle().getPreStop().getSleep().getSeconds();

    assertTrue(before > 0 && answers > 0);
    assertTrue(before + answers + 25 <= pod().getTerminationGracePeriodSeconds());
  }

  private Deployment deployment() throws IOException {
    return only(Deployment.class);
  }

  private PodSpec pod() throws IOException {
    return deployment().getSpec().getTemplate().getSpec();
  }

  private Container container() throws IOException {
    List<Container> containers = pod().getContainers();
    assertEquals(1, containers.size());
    return containers.get(0);
  }

  private <T> T only(Class<T> type) throws IOException {
    List<T> found = all().stream().filter(type::isInstance).map(type::cast).toList();
    assertEquals(1, found.size(), type.getSimpleName());
    return found.get(0);
  }

  private List<HasMetadata> all() throws IOException {
    List<HasMetadata> objects = new ArrayList<>();
    for (Path file : files(FOLDER)) {
      if (!file.endsWith("kustomization.yaml")) {
        try (InputStream in = Files.newInputStream(file)) {
          collect(serialization.unmarshal(in), objects);
        }
      }
    }
    return objects;
  }

  private static void collect(Object read, List<HasMetadata> objects) {
    switch (read) {
      case HasMetadata object -> objects.add(object);
      case List<?> documents -> documents.forEach(document -> collect(document, objects));
      default -> throw new IllegalStateException(read + " is no manifest");
    }
  }

  private static List<Path> listedIn(Path kustomization) throws IOException {
    JsonNode tree = new YAMLMapper().readTree(kustomization.toFile());
    List<Path> paths = new ArrayList<>();
    for (String list : List.of("resources", "components")) {
      tree.path(list)
          .forEach(entry -> paths.add(kustomization.resolveSibling(entry.asText()).normalize()));
    }
    return paths;
  }

  /** The chart has no manifest of its own, and what it renders is for {@code make kit-test}. */
  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      return tree.filter(path -> path.toString().matches(".*\\.ya?ml"))
          .filter(path -> !path.startsWith(FOLDER.resolve("chart")))
          .filter(path -> !path.startsWith(FOLDER.resolve("krew")))
          .sorted()
          .toList();
    }
  }
}
