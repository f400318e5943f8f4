package io.mtlsmigration.e2e;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a stolen token of the service's account, or a person without a verb, still cannot do. */
final class AdmissionAttackE2E {

  @RegisterExtension static final TestCluster CLUSTER = TestCluster.withIstio().withService();

  private static final String DRY_RUN =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata:
        name: mtls-migration-dry-run
        namespace: victim
        annotations: {istio.io/dry-run: "true"}
      spec:
        action: DENY
        rules: [{from: [{source: {notPrincipals: ["*"]}}]}]
      """;

  private static Kubectl service;

  @BeforeAll
  static void standsByAPod() {
    CLUSTER.namespace("victim", Map.of());
    CLUSTER
        .kubectl()
        .apply(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: victim, namespace: victim}
            spec:
              schedulerName: nobody
              containers: [{name: curl, image: curl}]
            """);
    service = CLUSTER.service().kubectl();
    await("the policies are in force")
        .atMost(Duration.ofSeconds(60))
        .until(() -> exec("sh").err().contains("its own curl and tcpdump"));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                dryRun(DRY_RUN.replace("\"true\"", "\"false\""))
                    .err()
                    .contains("annotated as one"));
  }

  private static Kubectl.Result exec(String... command) {
    List<String> arguments =
        new ArrayList<>(List.of("exec", "-n", "victim", "victim", "-c", "curl", "--"));
    arguments.addAll(List.of(command));
    return service.run(arguments.toArray(String[]::new));
  }

  private static Kubectl.Result dryRun(String manifest) {
    try {
      Path file = Files.writeString(Files.createTempFile("policy", ".yaml"), manifest);
      return service.run("create", "--validate=false", "--dry-run=server", "-f", file.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Stream<Arguments> commands() {
    return Stream.of(
        argumentSet("a shell", (Object) new String[] {"sh", "-c", "id"}),
        argumentSet("a file written", (Object) new String[] {"curl", "--output", "/etc/passwd"}),
        argumentSet("a file read", (Object) new String[] {"curl", "file:///etc/passwd"}),
        argumentSet("a file sent", (Object) new String[] {"curl", "--upload-file", "/x"}),
        argumentSet("a configuration", (Object) new String[] {"curl", "-K", "-"}),
        argumentSet("elsewhere", (Object) new String[] {"curl", "http://169.254.169.254/"}),
        argumentSet(
            "a file by its format",
            (Object)
                new String[] {
                  "curl", "--write-out", "\nprobe-0123456789abcdef %output{/x} %{url}\n"
                }),
        argumentSet(
            "a command after rotation",
            (Object)
                new String[] {
                  "timeout", "-s", "INT", "1", "tcpdump", "-i", "any", "-p", "-n", "-U", "-z", "sh",
                  "-G", "1", "-w", "x", "-c", "1"
                }));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void runsNoOtherCommand(String[] command) {
    Kubectl.Result refused = exec(command);

    assertTrue(refused.err().contains("its own curl and tcpdump"), refused.err());
  }

  @Test
  void takesNoInput() {
    Kubectl.Result refused =
        service.run("exec", "-i", "-n", "victim", "victim", "-c", "curl", "--", "curl", "--silent");

    assertTrue(refused.err().contains("take no input"), refused.err());
  }

  /** The pod runs nowhere: what admission lets through fails for that. */
  @Test
  void runsItsOwn() {
    Kubectl.Result curl =
        exec(
            "curl",
            "--disable",
            "--noproxy",
            "*",
            "--max-time",
            "5.000",
            "--output",
            "-",
            "http://httpbin.foo.svc:8000/");

    assertFalse(curl.succeeded());
    assertFalse(curl.err().contains("ValidatingAdmissionPolicy"), curl.err());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "name: mtls-migration-dry-run | name: another       | annotated as one",
        "istio.io/dry-run: \"true\"   | a: b                | annotated as one",
        "action: DENY                 | action: ALLOW       | says nothing else",
        "notPrincipals                | notNamespaces       | says nothing else",
        "action: DENY | action: DENY¶selector: {matchLabels: {a: b}} | says nothing else"
      })
  void createsNoOtherAuthorizationPolicy(String what, String by, String why) {
    Kubectl.Result refused = dryRun(DRY_RUN.replace(what, by.replace("¶", "\n  ")));

    assertTrue(refused.err().contains(why), refused.err());
  }

  @Test
  void createsTheDryRun() {
    Kubectl.Result created = dryRun(DRY_RUN);

    assertTrue(created.succeeded(), created.err());
  }

  @Test
  void putsNoWordsIntoAnApproversMouth() {
    Kubectl operator = person("operator", "mtls-migration-operator");
    Kubectl approver = person("approver", "mtls-migration-operator");
    bind("approver", "mtls-migration-approver");
    CLUSTER
        .kubectl()
        .apply(
            """
            apiVersion: mtls-migration.io/v1
            kind: MigrationPlan
            metadata: {name: q4}
            spec: {target: NAMESPACES, scope: {namespaces: [victim]}}
            """);
    String[] comment = {
      "annotate", "migrationplan", "q4", "mtls-migration.io/comment=agreed", "--overwrite"
    };

    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> operator.run(comment).err().contains("comment needs the verb \"approve\""));
    await().atMost(Duration.ofSeconds(60)).until(() -> approver.run(comment).succeeded());
    Kubectl.Result other =
        operator.run(
            "annotate", "migrationplan", "q4", "mtls-migration.io/comment=other", "--overwrite");
    assertTrue(other.err().contains("comment needs the verb"), other.err());
    Kubectl.Result start =
        operator.run("annotate", "migrationplan", "q4", "mtls-migration.io/action=start");
    assertTrue(start.succeeded(), start.err());
  }

  private static Kubectl person(String account, String role) {
    Kubectl kubectl = CLUSTER.as("people", account).kubectl();
    bind(account, role);
    return kubectl;
  }

  private static void bind(String account, String role) {
    CLUSTER
        .kubectl()
        .ok(
            "create",
            "clusterrolebinding",
            account + "-" + role,
            "--clusterrole=" + role,
            "--serviceaccount=people:" + account);
  }
}
