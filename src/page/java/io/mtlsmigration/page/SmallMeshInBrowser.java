// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A mesh in which hardly anything happens: one call by mutual TLS, nobody who sends plaintext, no
 * plan but what a test makes; {@code foo} alone has proxies.
 */
final class SmallMeshInBrowser {

  private static final String FOO =
      """
      apiVersion: v1
      kind: Namespace
      metadata: { name: foo, labels: { istio-injection: enabled } }
      ---
      apiVersion: v1
      kind: Service
      metadata: { name: httpbin, namespace: foo }
      spec:
        selector: { app: httpbin }
        ports: [{ name: http, port: 8000, targetPort: 8080 }]
      """
          + deployment("foo", "httpbin")
          + deployment("foo", "curl");

  private static final String QUIET =
      """
      ---
      apiVersion: sandbox.mtls-migration.io/v1
      kind: Traffic
      metadata: { name: any }
      spec:
        calls:
          - { from: foo/curl, to: "http://httpbin.foo:8000/ip", rate: 0.2, start: 2s, end: 4s }
      """;

  @TempDir private static Path folder;
  private static PackagedService service;
  private static Chromium chromium;

  @BeforeAll
  static void start() throws IOException {
    PlaywrightAssertions.setDefaultAssertionTimeout(30_000);
    chromium = Chromium.start();
    service = playing(FOO + QUIET, "quiet");
  }

  @AfterAll
  static void stop() {
    service.close();
    chromium.close();
  }

  private static PackagedService playing(String scenario, String name) throws IOException {
    Path where = Files.createDirectory(folder.resolve(name));
    Files.writeString(where.resolve("mesh.yaml"), scenario);
    return PackagedService.start("--scenario", where.toString());
  }

  private static String deployment(String namespace, String name) {
    return """
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: { name: NAME, namespace: NAMESPACE }
    spec:
      selector: { matchLabels: { app: NAME } }
      template:
        metadata: { labels: { app: NAME } }
        spec: { containers: [{ name: NAME, image: NAME, ports: [{ containerPort: 8080 }] }] }
    """
        .replace("NAMESPACE", namespace)
        .replace("NAME", name);
  }

  @Test
  void saysOfHowManyNamespacesNobodyCanSayWhoSendsPlaintext() {
    Page page = show("#/mesh");
    Locator panel = page.getByRole(AriaRole.REGION, named("Who still sends plaintext"));
    assertThat(panel).containsText("100 % of 1 call by mutual TLS");
    assertThat(panel.locator(".verdict"))
        .hasText(
            "Of 1 namespace evidence does not cover the window: nobody can say who sends plaintext"
                + " there.");
    assertThat(panel.locator(".verdict")).hasClass("verdict tone-warn");

    // A day later.
    page.route(
        Pattern.compile(".*/api/v1/traffic\\?window=.*"),
        route -> {
          APIResponse answer = route.fetch();
          route.fulfill(
              new Route.FulfillOptions()
                  .setResponse(answer)
                  .setBody(
                      answer
                          .text()
                          .replaceFirst(
                              "\\{\"namespace\":\"foo\",\"state\":\"UNAVAILABLE\"[^}]*\\},?", "")
                          .replaceFirst("\"gapCount\":\\d+", "\"gapCount\":1")));
        });
    assertThat(panel.locator(".verdict")).hasText("Nobody seen in this window.");
    assertThat(panel.locator(".verdict")).hasClass("verdict tone-good");
    page.context().close();
  }

  @Test
  void tellsWhenAPlanIsExpectedToBeThrough() {
    Page page = show("#/mesh");
    Chromium.post(
        page,
        "/plans",
        """
        {"name": "timed", "scope": {"namespaces": ["foo"]},
         "gates": {"plaintextWindow": "PT5S", "soak": "PT2H", "noSamples": "PASS", "approval": "NONE"},
         "verification": {"duration": "PT30M"}}
        """);
    Chromium.post(page, "/plans/timed/start", "");
    page.navigate(service.url("#/plans/timed"));
    Locator timeline = page.getByRole(AriaRole.REGION, named("Waves over time"));
    assertThat(timeline)
        .containsText(
            Pattern.compile(
                "expected at (\\d+ \\w+ )?\\d\\d:\\d\\d:\\d\\d, in about 2 h (29|30) min"));
    // What is left lies after now, to the end of the line.
    Locator bar = timeline.locator(".timeline-bar.active");
    Locator track = timeline.locator(".timeline-track").first();
    page.waitForCondition(() -> Math.abs(end(track) - end(bar)) <= 3);
    assertEquals(true, timeline.locator(".timeline-now").boundingBox().x < end(track) - 100);
    Chromium.post(page, "/plans/timed/abort", "");
    page.context().close();
  }

  @Test
  void saysWhatComesBeforeTheEndOfAnException() {
    Page page = show("#/mesh");
    Chromium.post(
        page,
        "/plans",
        """
        {"name": "left", "target": "MESH",
         "exceptions": [{"namespace": "foo", "selector": {"matchLabels": {"app": "httpbin"}}, "port": 8080,
                         "owner": "team-a", "reason": "moves in May", "expires": "2127-03-01"}]}
        """);
    Chromium.post(page, "/plans/left/start", "");
    page.navigate(service.url("#/plans/left?step=foo"));
    Locator step = page.getByRole(AriaRole.COMPLEMENTARY);
    assertThat(step).containsText("Observing");
    Chromium.post(page, "/plans/left/namespaces/foo/exempt", "{}");
    assertThat(step.locator(".badge").first()).containsText("Exempt");
    page.navigate(service.url("#/plans/left?tab=exceptions"));
    page.getByRole(AriaRole.BUTTON, named("End").setExact(true)).click();
    assertThat(page.getByRole(AriaRole.DIALOG).getByRole(AriaRole.STATUS))
        .containsText(
            "Not yet: roll back foo, wait until foo is ROLLED_BACK, end the exception again, and retry"
                + " foo: ");
    Chromium.post(page, "/plans/left/abort", "");
    page.context().close();
  }

  private static double end(Locator of) {
    return of.boundingBox().x + of.boundingBox().width;
  }

  @ParameterizedTest
  @CsvSource({
    "filtered, #/connectivity?q=nobody, No probe is like that",
    "unlike, #/traffic?q=nobody, No call is like that",
    "unknown, #/nowhere, There is no such view"
  })
  void saysWhatIsNotThere(String name, String place, String text) {
    Page page = show(place);
    assertThat(page.locator(".empty").first()).containsText(text);
    Looks.picture(page, "empty-" + name);
    page.context().close();
  }

  @Test
  void sendsPeopleToAViewForWhatIsTooMuch() throws IOException {
    String clients =
        IntStream.range(0, 52)
            .mapToObj(number -> deployment("legacy", "client-" + number))
            .collect(Collectors.joining());
    String calls =
        IntStream.range(0, 52)
            .mapToObj(
                number ->
                    "    - { from: legacy/client-%d, to: \"http://httpbin.foo:8000/ip\" }\n"
                        .formatted(number))
            .collect(Collectors.joining());
    String crowd =
        """
        ---
        apiVersion: sandbox.mtls-migration.io/v1
        kind: Traffic
        metadata: { name: any }
        spec:
          calls:
        """;
    try (PackagedService crowded = playing(FOO + clients + crowd + calls, "crowded")) {
      Page page = chromium.open();
      page.navigate(crowded.url("#/namespaces/foo"));
      Locator facts = page.locator(".gate", new Page.LocatorOptions().setHasText("Plaintext"));
      facts.locator("summary").click();
      assertThat(facts).containsText(Pattern.compile("and \\d more: the view Traffic"));
      assertEquals(List.of(), Looks.calls(page));
      page.context().close();
    }
  }

  @Test
  void saysThatNobodyCanSayWhileEvidenceIsAway() throws IOException {
    String fault =
        """
          events:
            - at: 1s
              fault: { kind: EVIDENCE_DOWN, for: 1h }
        """;
    try (PackagedService blind = playing(FOO + QUIET + fault, "blind")) {
      Page page = chromium.open();
      page.navigate(blind.url("#/mesh"));
      Locator panel = page.getByRole(AriaRole.REGION, named("Who still sends plaintext"));
      assertThat(panel.locator(".verdict")).containsText("nobody can say");
      assertThat(panel.locator(".verdict")).hasClass("verdict tone-warn");
      // No bar of nothing, and no chart.
      assertThat(panel.locator(".shares")).hasCount(0);
      Locator calls = page.locator(".charts figure").first();
      assertThat(calls).containsText("Nothing is known of this time.");
      assertThat(calls.locator(".chart")).hasCount(0);
      assertThat(page.locator(".facts")).containsText("no evidence for");
      assertEquals(List.of(), Looks.calls(page));
      Looks.picture(page, "without-evidence");
      page.navigate(blind.url("#/traffic"));
      assertThat(page.locator(".gaps summary")).containsText("without evidence");
      assertThat(page.locator(".empty")).hasText("No call is known in this window");
      assertThat(page.locator(".shares")).hasCount(0);
      Looks.picture(page, "traffic-without-evidence");
      page.navigate(blind.url("#/plans"));
      assertThat(page.locator(".empty").first()).containsText("No plan yet");
      Looks.picture(page, "empty-plans");
      page.context().close();
    }
  }

  private static Page show(String place) {
    Page page = chromium.open(1440, 900, ColorScheme.LIGHT);
    page.navigate(service.url(place));
    return page;
  }

  private static Page.GetByRoleOptions named(String name) {
    return new Page.GetByRoleOptions().setName(name);
  }
}
