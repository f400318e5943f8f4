// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.analyse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mtlsmigration.api.view.AnalysisView;
import io.mtlsmigration.manifest.FactsReader;
import io.mtlsmigration.manifest.Templates;
import io.mtlsmigration.mesh.MtlsMode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;
import picocli.CommandLine;

/** A pipeline's view of it: what is printed, and how it ends. */
final class AnalyseCommandTest {

  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-27T12:00:00Z"), ZoneOffset.UTC);

  /** A captured server, and beside it a client without a proxy. */
  private static final String SHOP =
      """
      apiVersion: v1
      kind: Pod
      metadata:
        name: cart
        namespace: shop
        labels: {app: cart, security.istio.io/tlsMode: istio}
        annotations: {sidecar.istio.io/status: "{}"}
      spec:
        containers:
          - {name: cart, image: cart, ports: [{containerPort: 8080}]}
          - {name: istio-proxy, image: proxyv2}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: cart, namespace: shop}
      spec:
        selector: {app: cart}
        ports: [{name: http, port: 80, targetPort: 8080}]
      """;

  private static final String LEGACY =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: batch, namespace: legacy}
      spec:
        containers: [{name: batch, image: batch}]
      ---
      {apiVersion: v1, kind: Namespace, metadata: {name: legacy}}
      """;

  /** Of a scope that Istio ignores in the root namespace. */
  private static final String IGNORED =
      """
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: "some|&<policy>", namespace: istio-system}
      spec:
        selector: {matchLabels: {app: cart}}
        mtls: {mode: STRICT}
      """;

  private static final String UNREADABLE =
      """
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: odd, namespace: shop}
      spec: {mtls: {mode: VERY_STRICT}}
      """;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir private Path folder;

  @BeforeEach
  void write() throws Exception {
    Files.createDirectories(folder.resolve("mesh/shop"));
    Files.writeString(folder.resolve("mesh/shop/cart.yaml"), SHOP);
    Files.writeString(folder.resolve("mesh/legacy.yml"), LEGACY);
    Files.writeString(folder.resolve("mesh/README.md"), "{no manifest");
    Files.writeString(folder.resolve("ignored.yaml"), IGNORED);
    Files.writeString(folder.resolve("odd.yaml"), UNREADABLE);
    Files.writeString(folder.resolve("broken.yaml"), "kind: {");
    Files.createDirectories(folder.resolve("empty"));
    Files.createDirectories(folder.resolve("values"));
    Files.writeString(folder.resolve("values/values.yaml"), "replicas: 2");
    Files.createDirectories(folder.resolve("chart"));
    Files.writeString(folder.resolve("chart/cart.yaml"), SHOP);
    Files.writeString(folder.resolve("chart/values.yaml"), "replicas: 2");
    Files.writeString(folder.resolve("chart/Chart.yaml"), "{apiVersion: v2, name: cart}");
    Files.writeString(folder.resolve("chart/patch.yaml"), "[{op: remove, path: /spec/replicas}]");
    Files.writeString(folder.resolve("chart/mkdocs.yml"), "a: !!python/name:b\na: 1");
  }

  static Stream<Arguments> ends() {
    return Stream.of(
        argumentSet("nothing asked for", 0, "mesh"),
        argumentSet("what STRICT would break is only told", 0, "mesh --mode STRICT"),
        argumentSet("and fails when it is asked for", 1, "mesh --fail-on BREAKING"),
        argumentSet("no client, no break", 0, "mesh/shop --fail-on breaking"),
        argumentSet("no blocker", 0, "mesh/shop --fail-on BLOCKER"),
        argumentSet("a hazard in one of two files", 1, "mesh ignored.yaml --fail-on WARNING"),
        argumentSet("what cannot be read is told", 0, "odd.yaml"),
        argumentSet("and never passes", 1, "odd.yaml --fail-on BREAKING"),
        argumentSet("a file that is not well-formed", 2, "mesh broken.yaml"),
        argumentSet("files of no object, in a folder", 0, "chart --fail-on WARNING"),
        argumentSet("a file of no object, by its name", 2, "chart/values.yaml"),
        argumentSet("a file that is not there", 2, "mesh none.yaml"),
        argumentSet("a folder without manifests", 2, "empty"),
        argumentSet("a folder without an object", 2, "values --fail-on BREAKING"));
  }

  @ParameterizedTest
  @MethodSource("ends")
  void endsAsPipelinesExpect(int code, String arguments) {
    assertEquals(code, run(arguments), err::toString);
  }

  @Test
  void namesWhatItPassesOver() {
    run("chart");

    String said = err.toString(StandardCharsets.UTF_8);
    assertEquals(4, said.lines().filter(line -> line.startsWith("not read: ")).count(), said);
    assertTrue(said.contains("chart/values.yaml:1"), said);
  }

  /** A namespace, or a patch, of a kustomization may make another mesh of the same files. */
  @ParameterizedTest
  @CsvSource({
    "kustomize.config.k8s.io/v1beta1, Kustomization, true",
    "helm.toolkit.fluxcd.io/v2, HelmRelease, true",
    "argoproj.io/v1alpha1, Application, true",
    "argoproj.io/v1alpha1, AppProject, false"
  })
  void namesWhatMakesOthers(String version, String kind, boolean named) throws Exception {
    Files.writeString(
        folder.resolve("mesh/overlay.yaml"),
        "apiVersion: %s%nkind: %s%nmetadata: {name: shop}%n".formatted(version, kind));

    assertEquals(0, run("mesh"), err::toString);

    String said = err.toString(StandardCharsets.UTF_8);
    assertEquals(
        named,
        said.contains("not read: what the " + kind + " in " + folder + "/mesh/overlay.yaml makes"),
        said);
  }

  /** As in the folder of a cluster that Flux keeps: what runs there is in charts. */
  @ParameterizedTest
  @CsvSource({"BLOCKER", "WARNING", "BREAKING"})
  void failsWhereAllIsMadeElsewhere(String threshold) throws Exception {
    Path alone = Files.createDirectories(folder.resolve("flux"));
    Files.writeString(
        alone.resolve("shop.yaml"),
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: shop, namespace: shop}\n");

    assertEquals(0, run("flux"), err::toString);
    assertEquals(1, run("flux --fail-on " + threshold), err::toString);
    assertEquals(1, run("flux --fail-on " + threshold + " -o github"), err::toString);
    String told = out.toString(StandardCharsets.UTF_8);
    assertTrue(told.contains("Nothing was looked at"), told);

    Files.writeString(
        alone.resolve("namespace.yaml"),
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: enabled}}\n");
    assertEquals(1, run("flux --fail-on " + threshold), err::toString);

    Files.writeString(alone.resolve("app.yaml"), LEGACY);
    out.reset();
    run("flux --fail-on " + threshold + " -o github");
    told = out.toString(StandardCharsets.UTF_8);
    assertEquals(-1, told.indexOf("Nothing was looked at"), told);
  }

  /** After a hundred problems the rest of a file is not read. */
  @Test
  void passesOverNoFileOfWhichItHasReadOnlyAPart() throws Exception {
    Files.writeString(folder.resolve("mesh/shop/all.yaml"), "a: 1\n---\n".repeat(100) + LEGACY);

    assertEquals(2, run("mesh/shop"), err::toString);
  }

  /** One template of a chart, and nothing is known of twenty other files. */
  @ParameterizedTest
  @EnumSource(Form.class)
  void analysesTheOthersBesideFilesThatAreNotWellFormed(Form form) throws Exception {
    Files.writeString(folder.resolve("mesh/cart.json"), "{");

    assertEquals(2, run("mesh broken.yaml --mode STRICT -o " + form), err::toString);

    String said = out.toString(StandardCharsets.UTF_8);
    assertTrue(said.contains("batch"), said);
    for (String name : List.of("cart.json:1", "broken.yaml:1")) {
      assertTrue(
          (form == Form.TEXT ? said : err.toString(StandardCharsets.UTF_8)).contains(name), said);
    }
    assertTrue(form != Form.JUNIT || said.contains("failures=\"2\""), said);
  }

  @Test
  void namesLinksThatLeadNowhere() throws Exception {
    Files.createSymbolicLink(folder.resolve("mesh/gone.yaml"), folder.resolve("none.yaml"));

    assertEquals(0, run("mesh"));

    String said = err.toString(StandardCharsets.UTF_8);
    assertTrue(said.contains("mesh/gone.yaml is a link to nothing"), said);
  }

  private static final String TEMPLATE =
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web, namespace: front}
      spec:
        template:
          metadata: {labels: {app: web}}
          spec: {containers: [{name: web, image: web, ports: [{containerPort: 80}]}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: web, namespace: front}
      spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
      """;

  /** A team's repository has no Namespace: without its label no call would ever break. */
  @ParameterizedTest
  @CsvSource({
    "'', 1, true",
    "--injected other, 1, true",
    "--injected front, 1, false",
    "'--injected other,front', 1, false",
    "--injected *, 1, false"
  })
  void takesNamespacesForInjectedOnlyWhenAsked(String option, int code, boolean noted)
      throws Exception {
    Files.writeString(folder.resolve("web.yaml"), TEMPLATE);

    assertEquals(code, run("web.yaml mesh/legacy.yml --fail-on BREAKING " + option));
    run("web.yaml mesh/legacy.yml --mode STRICT -o markdown " + option);

    for (String said :
        List.of(out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8))) {
      assertEquals(noted, said.contains("whether Istio injects sidecars in front:"), said);
    }
  }

  @Test
  void believesTheLabelsOfANamespaceThatIsGiven() throws Exception {
    Files.writeString(
        folder.resolve("web.yaml"),
        TEMPLATE + "---\n{apiVersion: v1, kind: Namespace, metadata: {name: front}}\n");

    assertEquals(0, run("web.yaml mesh/legacy.yml --fail-on BREAKING --injected front,legacy"));

    assertTrue(
        !err.toString(StandardCharsets.UTF_8).contains("whether Istio injects"), err::toString);
  }

  /** Whatever is asked, pods of which nobody knows whether they have a sidecar do not pass. */
  @ParameterizedTest
  @EnumSource(Threshold.class)
  void passesNoNamespaceThatItDoesNotKnow(Threshold threshold) throws Exception {
    Files.writeString(folder.resolve("web.yaml"), TEMPLATE);

    assertEquals(1, run("web.yaml --fail-on " + threshold));
    assertEquals(0, run("web.yaml --injected front --fail-on " + threshold));
    assertEquals(0, run("web.yaml"));
  }

  /** What asks for a sidecar, or refuses it, is known; what leaves it to the namespace is not. */
  @ParameterizedTest
  @CsvSource({"'true', '', 1", "'true', 'false', 0", "'false', 'false', 0", "'', '', 1"})
  void knowsPodsThatDoNotDependOnTheirNamespace(String one, String other, int code)
      throws Exception {
    Files.writeString(
        folder.resolve("web.yaml"),
        (TEMPLATE.replace("app: web}}", "app: web, sidecar.istio.io/inject: '%s'}}")
                + "---\n"
                + TEMPLATE
                    .split("---")[0]
                    .replace("name: web", "name: api")
                    .replace("app: web}}", "app: api, sidecar.istio.io/inject: '%s'}}"))
            .formatted(one, other));

    assertEquals(code, run("web.yaml --fail-on BLOCKER"));
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void tellsInEachFormOfANamespaceThatItDoesNotKnow(Form form) throws Exception {
    Files.writeString(folder.resolve("web.yaml"), TEMPLATE);

    assertEquals(1, run("web.yaml --fail-on BLOCKER -o " + form));

    String said = out.toString(StandardCharsets.UTF_8);
    String error =
        switch (form) {
          case TEXT, MARKDOWN -> "whether Istio injects sidecars in front:";
          case JSON -> "\"undefinedNamespaces\" : [ \"front\" ]";
          case SARIF -> "\"level\" : \"error\"";
          case GITHUB -> "web.yaml,line=1,title=NAMESPACE_NOT_DEFINED Namespace front::not known";
          case JUNIT -> "failures=\"1\"";
        };
    assertTrue(said.contains(error), said);
  }

  /** A bare Pod, as it is written: whether it will have a sidecar depends on its namespace. */
  @ParameterizedTest
  @CsvSource({
    "'', '', '1 of 1', false",
    "'namespace: front', '', '0 of 1', true",
    "'namespace: front, uid: u', '', '0 of 1', false",
    "'', 'nodeName: node-1, ', '0 of 1', false"
  })
  void takesAPodThatNoClusterHasForATemplate(
      String metadata, String spec, String captured, boolean unknown) throws Exception {
    Files.writeString(
        folder.resolve("pod.yaml"),
        """
        {apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {istio-injection: enabled}}}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: cart, %s}
        spec: {%scontainers: [{name: cart}]}
        """
            .formatted(metadata.isEmpty() ? "namespace: shop" : metadata, spec));

    run("pod.yaml");

    String said = out.toString(StandardCharsets.UTF_8);
    assertTrue(said.contains(captured + " workload captured"), said);
    assertEquals(unknown, said.contains("whether Istio injects"), said);
  }

  /** What comes from outside is as refused as what comes from a workload of the files. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a load balancer | 1 | spec: {type: LoadBalancer} |",
        "a load balancer, which STRICT refuses already | 0 | spec: {type: LoadBalancer} | STRICT",
        "an external IP | 1 | spec: {externalIPs: [192.0.2.1]} |",
        "an Ingress of others | 1 | kind: Ingress, className: nginx |",
        "an Ingress of Istio | 0 | kind: Ingress, className: istio |",
        "a route of a Gateway of others | 1 | kind: GRPCRoute, className: eg |",
        "a route of a Gateway of Istio | 0 | kind: GRPCRoute, className: istio |",
        "a route of a Gateway that is not given | 0 | kind: TCPRoute |",
        "a webhook, whose finding blocks | 1 | kind: ValidatingWebhookConfiguration |"
      })
  void failsForCallsFromOutsideThatBreak(String name, int code, String way, String mode)
      throws Exception {
    Files.writeString(folder.resolve("way.yaml"), way(way));
    if (mode != null) {
      Files.writeString(
          folder.resolve("strict.yaml"),
          UNREADABLE.replace("VERY_STRICT", mode).replace("odd", "default"));
    }

    String files = "mesh/shop way.yaml" + (mode == null ? "" : " strict.yaml");
    assertEquals(code, run(files + " --fail-on BREAKING"), out::toString);
    String text = out.toString(StandardCharsets.UTF_8);
    out.reset();
    run(files + " --fail-on BREAKING -o junit");

    assertEquals(code == 1, text.contains("  breaks: CALLED_"), text);
    assertEquals(
        code == 1, text.contains(" 0 calls break, and what comes from outside by 1 way"), text);
    assertTrue(text.contains("not known: clients that these manifests do not have"), text);
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("failures=\"" + code + "\""));
    run(files + " --mode STRICT -o markdown");
    assertEquals(
        code == 1,
        out.toString(StandardCharsets.UTF_8)
            .contains(" would be refused, and what comes from outside by 1 way."));
    assertEquals(way.equals("kind: TCPRoute"), text.contains("the routes of shop/gw:"), text);
  }

  private static String way(String what) {
    String className = what.replaceAll(".*className: |}", "");
    String route = "parentRefs: [{name: gw}], rules: [{backendRefs: [{name: cart, port: 80}]}]";
    return switch (what.replaceAll("kind: ([A-Za-z]*).*", "$1")) {
      case "Ingress" ->
          """
          apiVersion: networking.k8s.io/v1
          kind: Ingress
          metadata: {name: way, namespace: shop}
          spec: {ingressClassName: %s, defaultBackend: {service: {name: cart, port: {number: 80}}}}
          """
              .formatted(className);
      case "GRPCRoute" ->
          """
          {apiVersion: gateway.networking.k8s.io/v1, kind: GRPCRoute, metadata: {name: way, namespace: shop}, spec: {%s}}
          ---
          {apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: gw, namespace: shop}, spec: {gatewayClassName: %s}}
          """
              .formatted(route, className);
      case "TCPRoute" ->
          "{apiVersion: gateway.networking.k8s.io/v1alpha2, kind: TCPRoute,"
              + " metadata: {name: way, namespace: shop}, spec: {"
              + route
              + "}}";
      case "ValidatingWebhookConfiguration" ->
          """
          apiVersion: admissionregistration.k8s.io/v1
          kind: ValidatingWebhookConfiguration
          metadata: {name: way}
          webhooks: [{name: a.b.c, clientConfig: {service: {name: cart, namespace: shop, port: 80}}}]
          """;
      default ->
          """
          apiVersion: v1
          kind: Service
          metadata: {name: way, namespace: shop}
          """
              + what.replace(
                  "{", "{selector: {app: cart}, ports: [{port: 81, targetPort: 8080}], ");
    };
  }

  @Test
  void namesKindsThatItDoesNotLookAt() throws Exception {
    Files.writeString(
        folder.resolve("mesh/more.yaml"),
        """
        {apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: a, namespace: shop}}
        ---
        {apiVersion: v1, kind: Secret, metadata: {name: a, namespace: shop}}
        """);

    run("mesh");
    run("mesh -o sarif");

    for (String said :
        List.of(out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8))) {
      assertTrue(
          said.contains(
              "not looked at: 1 Secret, 1 Service.serving.knative.dev (kinds that are not read)\n"),
          said);
    }
  }

  @Test
  void namesTheFileOfEachProblemInJson() throws Exception {
    run("odd.yaml -o json");

    JsonNode problem = new ObjectMapper().readTree(out.toByteArray()).at("/problems/0");
    assertTrue(problem.path("source").asText().endsWith("/odd.yaml"), problem::toString);
    assertEquals(0, problem.path("column").asInt(-1));
    assertEquals(1, problem.path("line").asInt());
  }

  @Test
  void readsWhatIsPiped() {
    assertEquals(0, run("-"));

    assertTrue(out.toString(StandardCharsets.UTF_8).startsWith("1 namespace, 1 workload\n"));
  }

  /** The program before it in a pipe has failed, and most shells do not tell. */
  @ParameterizedTest
  @CsvSource({"-", "mesh/shop -"})
  void passesNoEmptyPipe(String names) {
    assertEquals(2, run(names + " --fail-on BREAKING", ""));

    assertTrue(
        err.toString(StandardCharsets.UTF_8).endsWith("the standard input is empty\n"),
        err::toString);
  }

  @Test
  void saysWhichFileIsNotThere() {
    assertEquals(2, run("mesh none.yaml"));

    assertEquals(
        "cannot read " + folder.resolve("none.yaml") + ": there is no such file\n",
        err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void commandsNoTerminalByNamesOfOthers() throws Exception {
    String odd = "o\u001b[2Jdd.yaml";
    Files.writeString(folder.resolve(odd), UNREADABLE.replace("VERY_STRICT", "\"V\\e[2J\""));

    run(odd);
    run("\u001b[2Jnone.yaml");

    String said = err.toString(StandardCharsets.UTF_8);
    assertTrue(said.contains("none.yaml"), said);
    assertEquals(-1, said.indexOf('\u001b'), said);
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void namesTheFileAndTheLineOfWhatItCannotRead(Form form) {
    run("odd.yaml -o " + form.name().toLowerCase(Locale.ROOT));

    String said = (form == Form.TEXT ? out : err).toString(StandardCharsets.UTF_8);
    assertTrue(said.contains("cannot be read: "), said);
    assertTrue(said.contains("odd.yaml:1"), said);
    assertEquals(form == Form.TEXT, err.size() == 0, err::toString);
  }

  @Test
  void printsSarifWithThePlaceOfEachResult() throws Exception {
    run("mesh ignored.yaml odd.yaml --mode STRICT -o sarif");

    JsonNode run = new ObjectMapper().readTree(out.toByteArray()).path("runs").path(0);
    JsonNode results = run.path("results");
    assertEquals("mtls-migration", run.path("tool").path("driver").path("name").asText());
    assertTrue(results.findValuesAsText("ruleId").contains("SELECTOR_IN_ROOT_NAMESPACE"));
    assertTrue(results.findValuesAsText("ruleId").contains("CALL_BREAKS_UNDER_STRICT"));
    assertTrue(results.findValuesAsText("ruleId").contains("UNREADABLE"));
    for (JsonNode result : results) {
      if (result.path("ruleId").asText().equals("CALL_BREAKS_UNDER_STRICT")) {
        JsonNode place = result.path("locations").path(0).path("physicalLocation");
        assertTrue(
            place.path("artifactLocation").path("uri").asText().endsWith("mesh/shop/cart.yaml"));
        assertEquals(13, place.path("region").path("startLine").asInt());
      }
    }
  }

  /** GitHub refuses a whole upload for one result without a place, or a reference that is none. */
  @Test
  void printsSarifOfPodsWithoutTheirWorkloadAndOfOddNames() throws Exception {
    Files.writeString(
        Files.createDirectories(folder.resolve("odd")).resolve("a #ü[1]?.yaml"),
        SHOP.replace(
                "namespace: shop\n  labels",
                "namespace: shop\n  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name:"
                    + " cart-5d4f, uid: u, controller: true}]\n  labels")
            + "  type: LoadBalancer\n");

    run("odd -o sarif");

    JsonNode result = new ObjectMapper().readTree(out.toByteArray()).at("/runs/0/results/0");
    assertEquals("CALLED_FROM_OUTSIDE", result.path("ruleId").asText());
    JsonNode place = result.at("/locations/0/physicalLocation");
    String uri = place.at("/artifactLocation/uri").asText();
    assertTrue(uri.endsWith("/a%20%23%C3%BC%5B1%5D%3F.yaml"), uri);
    assertEquals(1, place.at("/region/startLine").asInt());
  }

  /** Two versions behind one Service are one call, and a webhook of no namespace is one object. */
  @ParameterizedTest
  @EnumSource(Form.class)
  void tellsOfEachResultOnce(Form form) throws Exception {
    String two = SHOP.replace("name: cart\n", "name: cart2\n").split("---")[0];
    Files.writeString(
        folder.resolve("mesh/more.yaml"), two.replace("app: cart,", "app: cart, v: b,"));
    Files.writeString(
        folder.resolve("mesh/hook.yaml"),
        """
        apiVersion: admissionregistration.k8s.io/v1
        kind: MutatingWebhookConfiguration
        metadata: {name: hook}
        webhooks: [{name: a.b.c, clientConfig: {service: {name: cart}}}]
        """);

    run("mesh --mode STRICT -o " + form);

    String said = out.toString(StandardCharsets.UTF_8);
    int calls = said.split("batch\\.legacy to cart\\.shop(:|%3A)80", -1).length - 1;
    switch (form) {
      case TEXT, JUNIT, MARKDOWN -> assertEquals(1, calls, said);
      case SARIF, GITHUB -> {
        assertEquals(2, calls, said); // in its name and its message
        assertEquals(1, said.split("cannot be read at", -1).length - 1, said);
      }
      case JSON -> assertEquals(0, calls, said);
    }
  }

  @Test
  void namesFilesAsGitDoes() throws Exception {
    Path here = Path.of("").toAbsolutePath();
    run(here.relativize(folder.toRealPath()) + "/./odd.yaml -o github");

    String said = out.toString(StandardCharsets.UTF_8);
    assertTrue(said.contains("/odd.yaml,line=1"), said);
    assertTrue(!said.contains("/./"), said);
  }

  /** One that names a Deployment in place of a template has no pods of its own. */
  @ParameterizedTest
  @CsvSource({"template, 1 of 1", "workloadRef, 0 of 0"})
  void readsTheTemplateOfARollout(String field, String captured) throws Exception {
    String rollout =
        TEMPLATE
            .replace("apps/v1", "argoproj.io/v1alpha1")
            .replace("Deployment", "Rollout")
            .replace("  template:", "  " + field + ":");
    Files.writeString(folder.resolve("web.yaml"), rollout + "  # " + field);

    run("web.yaml --injected front");

    String said = out.toString(StandardCharsets.UTF_8);
    assertTrue(said.contains(captured + " workload"), said);
  }

  /** Of two clients that are alike but for an annotation, one breaks. */
  @Test
  void breaksCallsThatBypassTheirOwnSidecar() throws Exception {
    String past =
        TEMPLATE
            .split("---")[0]
            .replace("name: web, namespace", "name: past, namespace")
            .replace(
                "labels: {app: web}",
                "annotations: {traffic.sidecar.istio.io/excludeOutboundPorts: '80'}");
    Files.writeString(folder.resolve("web.yaml"), TEMPLATE + "---\n" + past);

    assertEquals(1, run("web.yaml --injected front --fail-on BREAKING"));

    String said = out.toString(StandardCharsets.UTF_8);
    assertTrue(said.contains("1 call breaks\n  breaks: past.front to web.front:80\n"), said);
  }

  /** Istio injects nothing there, whatever its labels. */
  @Test
  void takesNoNamespaceForInjectedInWhichIstioNeverInjects() throws Exception {
    Files.writeString(folder.resolve("web.yaml"), TEMPLATE.replace("front", "kube-system"));

    run("web.yaml --injected *");
    run("web.yaml");

    String said = out.toString(StandardCharsets.UTF_8);
    assertTrue(!said.contains("UNCAPTURED_PODS") && !said.contains("not known"), said);
  }

  @Test
  void annotatesLinesOnGitHubTheWorstFirst() {
    run("mesh ignored.yaml odd.yaml --mode STRICT -o github");

    List<String> lines =
        out.toString(StandardCharsets.UTF_8).replace(folder + "/", "").lines().toList();
    assertTrue(
        lines.contains(
            "::error file=mesh/shop/cart.yaml,line=13,title=CALL_BREAKS_UNDER_STRICT batch.legacy to"
                + " cart.shop%3A80::STRICT for the whole mesh would break batch.legacy to"
                + " cart.shop:80"),
        out::toString);
    List<String> levels = lines.stream().map(line -> line.split("[: ]+")[1]).distinct().toList();
    assertEquals(List.of("error", "warning"), levels, out::toString);
  }

  @Test
  void annotatesWithoutCommandsOfOthers() throws Exception {
    String odd = "a,line=9::b%0A.yaml";
    Files.writeString(
        folder.resolve(odd), UNREADABLE.replace("VERY_STRICT", "\"V\\n::stop-commands::x\""));

    run(odd + " -o github");

    String text = out.toString(StandardCharsets.UTF_8);
    assertTrue(
        text.lines().allMatch(line -> line.contains("/a%2Cline=9%3A%3Ab%250A.yaml,line=1,title=")),
        text);
  }

  @Test
  void printsXmlWithAFailureForWhatFails() throws Exception {
    run("mesh ignored.yaml --fail-on BREAKING -o junit");

    Element suite =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(out.toString(StandardCharsets.UTF_8))))
            .getDocumentElement();
    assertEquals("1", suite.getAttribute("failures"));
    assertEquals(
        suite.getAttribute("tests"),
        Integer.toString(suite.getElementsByTagName("testcase").getLength()));
  }

  /** Counting is given up where pods and Services select each other too often. */
  @Test
  void failsWhereNothingWasCounted() {
    AnalysisView view =
        new AnalysisView(
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            "Too many calls to list",
            new AnalysisView.WhatIf(
                MtlsMode.STRICT, List.of(), List.of(), Map.of(), null, List.of(), List.of()),
            List.of(),
            Map.of(),
            List.of(),
            List.of());
    ManifestFiles files =
        new ManifestFiles(
            new FactsReader(Templates.AS_PODS_AND_PODS).collect(CLOCK.instant()).facts(),
            Map.of(),
            List.of(),
            List.of(),
            true);

    String xml = AnalysisJunit.of(new Report(view, files, Threshold.BREAKING, "1"));

    assertTrue(xml.contains("failures=\"1\""), xml);
    assertTrue(xml.contains("Calls were not counted. Too many calls to list"), xml);
    assertTrue(
        AnalysisJunit.of(new Report(view, files, null, "1")).contains("failures=\"0\""), xml);
    assertEquals(
        "::error title=CALLS_NOT_COUNTED::Calls were not counted. Too many calls to list\n",
        AnalysisGitHub.of(new Report(view, files, Threshold.BREAKING, "1")));
    assertEquals("", AnalysisGitHub.of(new Report(view, files, null, "1")));
  }

  @Test
  void namesLinkedFoldersThatItDoesNotRead() throws Exception {
    Files.createSymbolicLink(folder.resolve("mesh/more"), folder.resolve("empty"));
    Files.createSymbolicLink(folder.resolve("linked"), folder.resolve("mesh"));

    assertEquals(0, run("linked"), err::toString);

    assertTrue(
        out.toString(StandardCharsets.UTF_8).startsWith("2 namespaces, 2 workloads\n"),
        out::toString);
    assertTrue(
        err.toString(StandardCharsets.UTF_8)
            .matches("not read: .*/linked/more is a link to a folder: name it\\R"),
        err::toString);
  }

  @Test
  void countsOneInTheSingular() {
    run("mesh --mode STRICT");

    String text = out.toString(StandardCharsets.UTF_8);
    assertTrue(text.contains(", 0 of 1 workload captured"), text);
    assertTrue(text.contains("legacy to shop: calls that work: 1 of 1\n"), text);
    assertTrue(text.contains("STRICT for the mesh: 2 writes, 1 call breaks\n"), text);
  }

  @Test
  void printsMarkdownThatNobodyCanBreak() {
    run("mesh ignored.yaml --mode STRICT -o markdown");

    String text = out.toString(StandardCharsets.UTF_8);
    assertTrue(text.startsWith("# mTLS of these manifests\n"), text);
    assertTrue(text.contains("1 call of those that work now would be refused."), text);
    assertTrue(!text.contains("some|") && !text.contains("<policy>"), text);
  }

  private int run(String arguments) {
    return run(arguments, LEGACY);
  }

  /** Paths in the arguments are in the folder of this test. */
  private int run(String arguments, String piped) {
    String[] words =
        Stream.of(arguments.split(" "))
            .map(
                word -> Files.exists(folder.resolve(word)) ? folder.resolve(word).toString() : word)
            .map(word -> word.equals("none.yaml") ? folder.resolve(word).toString() : word)
            .toArray(String[]::new);
    CommandLine parser =
        new CommandLine(AnalyseCommand.spec()).setCaseInsensitiveEnumValuesAllowed(true);
    return AnalyseCommand.run(
        parser.parseArgs(words),
        new ByteArrayInputStream(piped.getBytes(StandardCharsets.UTF_8)),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        CLOCK);
  }
}
