// SPDX-License-Identifier: Apache-2.0
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
                }),
        argumentSet(
            "the same, with blanks for the arguments that it takes the place of",
            (Object)
                new String[] {
                  "timeout",
                  "-s",
                  "INT",
                  "60",
                  "tcpdump",
                  "-i",
                  "any",
                  "-p",
                  "-n",
                  "-U",
                  "--immediate-mode",
                  "-s 65535",
                  "-c 5000",
                  "-w -",
                  "(tcp)",
                  "-C1",
                  "-zsh",
                  "-n"
                }),
        argumentSet("arguments of a probe in another order", (Object) probe("--insecure")),
        argumentSet("the pod's own proxy", (Object) probe("--connect-to", "::127.0.0.1:15000")),
        argumentSet("its node", (Object) probe("--connect-to", "::169.254.169.254:80")),
        argumentSet("a bar in an argument", (Object) probe("--header|Connection: close")));
  }

  /** A probe, with arguments where it may have some; {@code --insecure} is there already. */
  private static String[] probe(String... more) {
    List<String> command =
        new ArrayList<>(
            List.of(
                ("curl --disable --silent --show-error --noproxy * --user-agent"
                        + " mtls-migration-probe --max-time 5.000 --connect-timeout 3.000"
                        + " --max-filesize 16384 --limit-rate 256K --write-out")
                    .split(" ")));
    command.addAll(List.of("\nprobe-0123456789abcdef %{http_code} %{exitcode}\n", "--insecure"));
    command.addAll(List.of(more));
    command.addAll(List.of("--output", "-", "https://httpbin.foo.svc:8000/"));
    return command.toArray(String[]::new);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void runsNoOtherCommand(String[] command) {
    Kubectl.Result refused = exec(command);

    assertTrue(refused.err().contains("its own curl and tcpdump"), refused.err());
  }

  @Test
  void takesNoInput() {
    List<String> command =
        new ArrayList<>(List.of("exec", "-i", "-n", "victim", "victim", "-c", "curl", "--"));
    command.addAll(List.of(probe()));

    Kubectl.Result refused = service.run(command.toArray(String[]::new));

    assertTrue(refused.err().contains("take no input"), refused.err());
  }

  /** The pod runs nowhere: what admission lets through fails for that. */
  @Test
  void runsItsOwn() {
    Kubectl.Result curl = exec(probe("--header", "Connection: close"));

    assertFalse(curl.succeeded());
    assertFalse(curl.err().contains("ValidatingAdmissionPolicy"), curl.err());
  }

  @Test
  void capturesItsOwn() {
    Kubectl.Result tcpdump =
        exec(
            ("timeout -s INT 3 tcpdump -i eth0 -p -n -U --immediate-mode -s 2048 -c 50 -w"
                    + " - (tcp and port 80)")
                .split(" (?![^(]*[)])"));

    assertFalse(tcpdump.succeeded());
    assertFalse(tcpdump.err().contains("ValidatingAdmissionPolicy"), tcpdump.err());
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

  @Test
  void forgetsNoWayBackForWhoMayNotDelete() {
    CLUSTER
        .kubectl()
        .ok(
            "create",
            "clusterrole",
            "plan-editor",
            "--verb=get,patch,update",
            "--resource=migrationplans.mtls-migration.io");
    Kubectl editor = person("editor", "plan-editor");
    CLUSTER
        .kubectl()
        .apply(
            """
            apiVersion: mtls-migration.io/v1
            kind: MigrationPlan
            metadata: {name: kept}
            spec: {target: NAMESPACES, scope: {namespaces: [victim]}}
            """);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                editor
                    .run("annotate", "migrationplan", "kept", "team=a", "--overwrite")
                    .succeeded());

    Kubectl.Result keep =
        editor.run("annotate", "migrationplan", "kept", "mtls-migration.io/keep-policies=true");

    assertTrue(keep.err().contains("keep-policies needs the verb \"delete\""), keep.err());
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
