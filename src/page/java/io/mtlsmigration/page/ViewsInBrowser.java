// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each view in both themes: nothing that axe calls serious, nothing wider than the window from 360
 * to 2,560 pixels. With {@code -Dpage.screenshots=FOLDER} it leaves a picture of each.
 */
final class ViewsInBrowser {

  private static final int NARROW = 360;
  private static final int HEIGHT = 900;
  private static final double PAINT_MS = 1_000;
  private static final int[] WIDTHS = {2560, 1440, 768, NARROW};

  /** Views that are looked at on a wide screen, and in the dark on a phone, too. */
  private static final Set<String> MAIN =
      Set.of("mesh", "connectivity", "traffic", "namespaces", "namespace", "todo", "plan");

  private static PackagedService service;
  private static Chromium chromium;
  private static String check;

  @BeforeAll
  static void start() {
    PlaywrightAssertions.setDefaultAssertionTimeout(30_000);
    chromium = Chromium.start();
    service =
        PackagedService.start(
            0,
            List.of(
                "-Dmtls-migration.sandbox.scenario=showcase",
                "-Dmtls-migration.grafana-url=https://grafana.example/g/"));
    Page page = chromium.open();
    page.navigate(service.url(""));
    page.evaluate(MAKE_A_PLAN);
    check = (String) page.evaluate(LOOK_AT_THE_WIRE);
    // Until there is something to see: traffic, probes, and a namespace that is locked.
    assertThat(page.locator(".lately"))
        .containsText(
            "Locked",
            new com.microsoft.playwright.assertions.LocatorAssertions.ContainsTextOptions()
                .setTimeout(120_000));
  }

  private static final String MAKE_A_PLAN =
      """
      async () => {
        const post = (path, body) => fetch('/api/v1' + path, { method: 'POST',
          headers: { 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) });
        await post('/plans', { name: 'q4', target: 'MESH',
          gates: { plaintextWindow: 'PT10S', soak: 'PT3S', noSamples: 'PASS', approval: 'NONE',
            changeWindows: ['Mon-Sun 00:00-24:00 Europe/Berlin'] },
          verification: { duration: 'PT3S' } });
        await post('/plans/q4/start');
        const exception = (port, reason, expires, plaintextPaths) => ({ namespace: 'half-captured',
          selector: { matchLabels: { app: 'app' } }, port, owner: 'team-a', reason, expires, plaintextPaths });
        await post('/plans', { name: 'open', scope: { namespaces: ['half-captured'] },
          verification: { ignoreClients: [{ workload: 'legacy/report' }, { cidr: '10.8.0.0/16' }] }, exceptions: [
          exception(8080, 'a health check of the load balancer, until it speaks TLS', '2127-03-01', ['/health']),
          exception(9090, 'scrape', new Date(Date.now() + 5 * 86400000).toISOString().slice(0, 10))] });
      }
      """;

  private static final String LOOK_AT_THE_WIRE =
      """
      async () => {
        const answer = await fetch('/api/v1/wire-checks', { method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ namespace: 'plaintext', workload: 'app', duration: 'PT15S' }) });
        return (await answer.json()).id;
      }
      """;

  @AfterAll
  static void stop() {
    service.close();
    chromium.close();
  }

  static Stream<Arguments> views() {
    return Stream.of(
        argumentSet("mesh", "mesh", "#/mesh", ".edges, .verdict"),
        argumentSet("history", "history", "#/mesh?range=PT15M", ".charts canvas"),
        argumentSet("connectivity", "connectivity", "#/connectivity", ".square"),
        argumentSet("wire", "wire", "#/wire", ".plan-card .bar"),
        argumentSet("wire-check", "wire-check", "#/wire/" + check, ".body .tr"),
        argumentSet("wire-start", "wire-start", "#/wire?namespace=plaintext&start=app", "dialog"),
        argumentSet("traffic", "traffic", "#/traffic", ".graph .node"),
        argumentSet("namespaces", "namespaces", "#/namespaces", ".body .tr"),
        argumentSet("namespace", "namespace", "#/namespaces/half-captured", ".gate"),
        argumentSet("window", "window", "#/namespaces/plaintext?tab=window", ".cells"),
        argumentSet("findings", "findings", "#/findings", ".finding"),
        argumentSet("audit", "audit", "#/audit", ".body .tr"),
        argumentSet("todo", "todo", "#/todo", ".todo li"),
        argumentSet("plan", "plan", "#/plans/q4", ".wave"),
        argumentSet("events", "events", "#/plans/q4?tab=events", ".event"),
        argumentSet("exceptions", "exceptions", "#/plans/open?tab=exceptions", ".changes li"),
        argumentSet("terms", "terms", "#/plans/open?tab=terms", ".changes li"),
        argumentSet("backtest", "backtest", "#/plans/q4?tab=backtest&asked=yes", ".backtest > li"),
        argumentSet("report", "report", "#/plans/q4?tab=report", ".rise, .panel"),
        argumentSet("new-plan", "new-plan", "#/plans/new", ".form"),
        argumentSet("analyse", "analyse", "#/analyse", ".drop"));
  }

  @ParameterizedTest
  @MethodSource("views")
  void satisfyAxeInBothThemes(String name, String place, String ready) {
    Page page = show(place, ready, 1440);
    for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
      settle(page);
      Looks.picture(page, name + "-" + scheme.name().toLowerCase(Locale.ROOT));
      assertEquals(List.of(), Looks.serious(page), name + " " + scheme);
    }
    page.context().close();
  }

  @ParameterizedTest
  @MethodSource("views")
  void fitIntoEveryWindow(String name, String place, String ready) {
    Page shrunk = show(place, ready, WIDTHS[0]);
    settle(shrunk);
    assertEquals(List.of(), Looks.serious(shrunk), name + ", wide");
    if (MAIN.contains(name)) {
      Looks.picture(shrunk, name + "-wide");
      dark(shrunk);
      Looks.picture(shrunk, name + "-wide-dark");
      assertEquals(List.of(), Looks.serious(shrunk), name + ", wide and dark");
    }
    for (int width : WIDTHS) {
      shrunk.setViewportSize(width, HEIGHT);
      settle(shrunk);
      assertFits(shrunk, width, name + ", made narrower,");
      assertEquals(List.of(), Looks.clipped(shrunk), name + " at " + width);
    }
    assertEquals(List.of(), Looks.calls(shrunk), name);
    shrunk.context().close();

    Page narrow = show(place, ready, NARROW);
    settle(narrow);
    Looks.picture(narrow, name + "-narrow");
    assertFits(narrow, NARROW, name);
    dark(narrow);
    Looks.picture(narrow, name + "-narrow-dark");
    if (MAIN.contains(name)) {
      assertEquals(List.of(), Looks.serious(narrow), name + ", narrow and dark");
    }
    narrow.context().close();
  }

  private static void dark(Page page) {
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
    settle(page);
  }

  private static void assertFits(Page page, int width, String name) {
    int needed = (int) page.evaluate("() => document.documentElement.scrollWidth");
    assertTrue(needed <= width, name + " needs " + needed + " px of " + width);
  }

  @Test
  void canBeWalkedByKeyboardAlone() {
    Page page = show("#/connectivity", ".square", 1440);
    settle(page);
    page.keyboard().press("Tab");
    assertEquals("Skip to the view", focused(page));
    page.keyboard().press("Enter");
    assertEquals("main", page.evaluate("() => document.activeElement.id"));
    page.locator(".square[tabindex='0']").focus();
    page.keyboard().press("ArrowRight");
    page.keyboard().press("ArrowDown");
    assertEquals("1 1", page.evaluate("() => document.activeElement.dataset.at"));
    page.keyboard().press("/");
    assertEquals("INPUT", page.evaluate("() => document.activeElement.tagName"));
  }

  @Test
  void keepABodyThatIsWrittenAsFieldsAndAsText() throws JsonProcessingException {
    Page page = show("#/plans/new", ".form", 1440);
    Locator text = page.getByLabel("Body of the plan");
    Locator soak = page.getByLabel("All gates hold for");
    assertThat(soak).hasAttribute("placeholder", "30m");
    page.getByLabel("Name", new Page.GetByLabelOptions().setExact(true)).fill("body");
    wave(page, 1, "first").getByLabel("Its namespaces").pressSequentially("half-captured, pla");
    assertThat(page.locator("datalist option[value='half-captured, plaintext']")).hasCount(1);
    row(page, "Wave 1").getByLabel("Its namespaces").fill("half-captured");
    wave(page, 2, "second").getByLabel("with labels").pressSequentially("team=a, tier=b");
    wave(page, 3, "rest").getByLabel("all that are left").check();
    button(page, "Add an exception").click();
    Locator exception = row(page, "Exception 1");
    exception.getByLabel("Namespace").fill("plaintext");
    exception.getByLabel("Labels").pressSequentially("tier=x, ap");
    assertThat(page.locator("datalist option[value='tier=x, app=app']")).hasCount(1);
    exception.getByLabel("Labels").fill("app=app");
    exception.getByLabel("Port").fill("8080");
    exception.getByLabel("Paths").fill("/metrics, /health");

    button(page, "As JSON").click();
    ObjectNode body = (ObjectNode) json(text.inputValue());
    assertEquals(
        json(
            """
            {"name": "body", "gates": {"approval": "NAMESPACE"},
             "waves": [{"name": "first", "namespaces": ["half-captured"]},
                       {"name": "second", "selector": {"matchLabels": {"team": "a", "tier": "b"}}},
                       {"name": "rest", "selector": {}}],
             "exceptions": [{"namespace": "plaintext", "owner": "", "reason": "", "expires": "",
                             "selector": {"matchLabels": {"app": "app"}}, "port": 8080,
                             "plaintextPaths": ["/metrics", "/health"]}]}
            """),
        body);

    // What the fields do not show is not lost, and what is no JSON is not thrown away.
    body.withObject("/gates").put("soak", "4s");
    body.set(
        "scope",
        json(
            "{\"selector\": {\"matchExpressions\": [{\"key\": \"a\", \"operator\": \"Exists\"}]}}"));
    text.fill(body + "}");
    button(page, "As a form").click();
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("not JSON");
    assertThat(text).hasValue(body + "}");
    text.fill("{\"waves\": [null]}");
    button(page, "As a form").click();
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("/waves/0 is not an object");
    assertThat(text).hasValue("{\"waves\": [null]}");
    text.fill(body.toString());
    button(page, "As a form").click();
    assertThat(soak).hasValue("4s");
    assertThat(page.locator(".form")).containsText("expressions over labels");
    page.getByLabel("Labels of namespaces").fill("team=a");
    page.getByLabel("Labels of namespaces").fill("");
    assertThat(row(page, "Wave 3").getByLabel("all that are left")).isChecked();

    button(page, "Check").click();
    assertThat(exception.getByLabel("Owner")).isFocused();
    button(page, "Make the draft").click();
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("/exceptions/0/owner");
    button(page, "Take exception 1 out").click();
    button(page, "As JSON").click();
    body.remove("exceptions");
    assertEquals(body, json(text.inputValue()));
    page.context().close();
  }

  private static Locator row(Page page, String name) {
    return page.getByRole(AriaRole.GROUP, named(name).setExact(true));
  }

  private static Locator wave(Page page, int number, String name) {
    button(page, "Add a wave").click();
    Locator row = row(page, "Wave " + number);
    row.getByLabel("Wave", new Locator.GetByLabelOptions().setExact(true)).fill(name);
    return row;
  }

  @Test
  void leadToTheDashboardsOfWhatTheyShow() {
    Page page = show("#/traffic", ".panel", 1440);
    String board = "https://grafana.example/g/d/mtls-migration-";
    Locator more = page.getByText("In Grafana", new Page.GetByTextOptions().setExact(true));
    assertThat(more).hasAttribute("href", board + "plaintext");
    assertThat(page.getByText("Its health in Grafana")).hasAttribute("href", board + "health");
    page.navigate(service.url("#/namespaces/idle?tab=traffic"));
    assertThat(more).hasAttribute("href", board + "plaintext?var-namespace=idle");
    page.navigate(service.url("#/plans/q4?tab=events"));
    assertThat(more).hasAttribute("href", board + "plans");
    page.context().close();
  }

  @Test
  void tellWhoWasSeenCallingBeforeWhoIsOnlyPossible() {
    Page page = show("#/mesh", ".breaks .verdict", 1440);
    assertEquals(
        "What would break if the mesh were STRICT now",
        page.locator(".mesh-grid .panel h2").first().textContent());
    Locator breaks = page.locator(".breaks");
    assertThat(breaks.locator(".verdict")).containsText("seen calling would be refused");
    Locator seen = breaks.getByRole(AriaRole.TABLE, table("Seen calling"));
    assertThat(seen.getByRole(AriaRole.ROW).filter(containing("shop-web/curl")))
        .containsText(Pattern.compile("by-address/app:80.*[1-9]\\d* ?\\d+ (s|min) ago"));
    assertThat(breaks.getByRole(AriaRole.TABLE, table("Probed"))).isVisible();
    assertThat(breaks.getByText("possible clients: not seen")).isVisible();
    assertThat(breaks.getByRole(AriaRole.TABLE, table("Possible"))).isHidden();

    // Not watched for a day: nobody says that nobody calls.
    page.navigate(service.url("#/namespaces/idle"));
    Locator change = page.getByRole(AriaRole.REGION, named("What STRICT would change"));
    assertThat(change).containsText("Evidence does not cover the whole window");
    assertThat(change.locator(".verdict")).not().containsText("Nobody");
    page.context().close();
  }

  private static Locator.GetByRoleOptions table(String name) {
    return new Locator.GetByRoleOptions().setName(name);
  }

  @Test
  void sayWhatToDoNextAndNoCallsOfTheApi() {
    Page page = show("#/mesh", ".next", 1440);
    Locator next = page.getByRole(AriaRole.REGION, named("What to do next")).first();
    assertThat(next.getByRole(AriaRole.BUTTON).first()).isVisible();
    page.setViewportSize(WIDTHS[0], HEIGHT);
    double left = right(next) - right(next.getByRole(AriaRole.BUTTON).last());
    assertTrue(left < 30, "the button is " + left + " px from the end of its line");
    page.setViewportSize(1440, HEIGHT);
    assertThat(page.locator(".moves")).containsText(Pattern.compile("\\d+ of 3\\d locked"));

    page.navigate(service.url("#/plans/q4?step=idle"));
    Locator step = page.getByRole(AriaRole.COMPLEMENTARY);
    Locator bar = step.getByRole(AriaRole.REGION, table("What to do next"));
    assertThat(bar).containsText("says so by “Let a client fail”");
    assertThat(button(bar, "Let a client fail")).isVisible();
    assertThat(button(bar, "Override gates")).isVisible();
    assertEquals(List.of(), Looks.calls(page));
    button(bar, "Give an exception").click();
    assertThat(page.getByRole(AriaRole.DIALOG).getByLabel("Namespace")).hasValue("idle");
    page.context().close();
  }

  private static double right(Locator one) {
    return one.boundingBox().x + one.boundingBox().width;
  }

  @Test
  void groupObstaclesSoThatOneDecisionClearsThem() {
    Page page = show("#/plans/new", ".form", 1440);
    page.getByLabel("Name", new Page.GetByLabelOptions().setExact(true)).fill("groups");
    button(page, "Check").click();
    Locator preview = page.getByRole(AriaRole.REGION, named("What would come of it"));
    assertThat(preview.getByRole(AriaRole.ALERT))
        .containsText(Pattern.compile("[2-9] × policy of a person"));
    button(preview, "Adopt all").click();
    assertThat(preview.getByRole(AriaRole.ALERT)).containsText("policy of a controller");
    assertThat(preview.getByRole(AriaRole.ALERT)).not().containsText("policy of a person");
    assertThat(page.getByLabel("Take over the mode")).isChecked();
    page.context().close();
  }

  @Test
  void clearObstaclesOfADraftWhereItIsChanged() {
    Page page = show("#/plans/new", ".form", 1440);
    Chromium.post(page, "/plans", "{\"name\": \"draft\"}");
    page.navigate(service.url("#/plans/draft?tab=definition"));
    button(page, "Change").click();
    Locator dialog = page.getByRole(AriaRole.DIALOG);
    assertThat(dialog).containsText("All of a draft but its name may be changed");
    button(dialog, "Check").click();
    button(dialog, "Adopt all").click();
    assertThat(dialog.locator(".preview").getByRole(AriaRole.ALERT))
        .not()
        .containsText("policy of a person");
    assertThat(dialog.getByLabel("Take over the mode")).isChecked();
    page.context().close();
  }

  @Test
  void sayWhatTheChangeOfARunningPlanCannotAndWhereItIsDone() {
    Page page = show("#/plans/q4?tab=definition", ".code", 1440);
    button(page, "Change").click();
    Locator dialog = page.getByRole(AriaRole.DIALOG);
    assertThat(dialog).containsText("under Terms");
    button(dialog, "Check").click();
    assertThat(dialog.locator(".preview")).isVisible();
    dialog.getByLabel("All gates hold for").fill("1s");
    dialog.getByLabel("Clients that may fail").fill("legacy/nobody");
    button(dialog, "Check").click();
    assertThat(dialog.getByRole(AriaRole.ALERT))
        .containsText("(by “Change” under Terms with override");
    assertThat(dialog.getByRole(AriaRole.ALERT))
        .containsText("a client that may fail by “Let a client fail”");
    assertThat(dialog.locator(".preview")).hasCount(0);
    assertEquals(List.of(), Looks.calls(page));
    page.context().close();
  }

  @ParameterizedTest
  @MethodSource("dialogs")
  void nameNoCallsInDialogs(String place, String ready, String opens) {
    Page page = show(place, ready, 1440);
    button(page, opens).first().click();
    page.getByRole(AriaRole.DIALOG).waitFor();
    assertThat(page.locator("dialog .skeleton")).hasCount(0);
    assertEquals(List.of(), Looks.calls(page));
    page.context().close();
  }

  static Stream<Arguments> dialogs() {
    return Stream.of(
        argumentSet("probe", "#/connectivity", ".square", "Probe now"),
        argumentSet("start", "#/plans/open", ".wave", "Start"),
        argumentSet("pause", "#/plans/q4", ".wave", "Pause"),
        argumentSet("roll back", "#/plans/q4", ".wave", "Roll back"),
        argumentSet("override", "#/plans/q4?step=idle", ".gate", "Override gates"),
        argumentSet("exempt", "#/plans/q4?step=idle", ".gate", "Exempt"),
        argumentSet("except", "#/plans/q4?step=idle", ".gate", "Give an exception"),
        argumentSet("agree", "#/plans/open?tab=exceptions", ".changes li", "Change"),
        argumentSet("end", "#/plans/open?tab=exceptions", ".changes li", "End"),
        argumentSet("windows", "#/plans/open?tab=terms", ".changes li", "Change"),
        argumentSet("ignore", "#/plans/open?tab=terms", ".changes li", "Let a client fail"));
  }

  @Test
  void showWavesOverTimeWhereThereIsRoom() {
    Page page = show("#/plans/q4", ".wave", 1440);
    Locator timeline = page.getByRole(AriaRole.REGION, named("Waves over time"));
    assertThat(timeline).containsText("Mon-Sun 00:00-00:00 Europe/Berlin");
    assertThat(timeline.locator(".timeline-bar.active")).isVisible();
    assertThat(timeline.locator("li").first().locator(".timeline-window")).isVisible();
    page.setViewportSize(1439, HEIGHT);
    assertThat(timeline).isHidden();
    page.context().close();
  }

  @Test
  void keepPlaintextClientsAndEveryViewOnAPhone() {
    Page page = show("#/namespaces", ".body .tr", NARROW);
    assertThat(
            page.getByRole(AriaRole.COLUMNHEADER, new Page.GetByRoleOptions().setName("Plaintext")))
        .isVisible();
    Locator views = page.getByRole(AriaRole.NAVIGATION, named("Views")).getByRole(AriaRole.LINK);
    assertThat(views).hasCount(10);
    for (Locator view : views.all()) {
      assertTrue(view.boundingBox().x + view.boundingBox().width <= NARROW, view.textContent());
    }
    page.context().close();
  }

  @Test
  void pinAWorkloadOfTheGraph() {
    Page page = show("#/traffic?q=databases", ".graph .node", 1440);
    assertThat(page.locator(".area-name").filter(containing("legacy"))).isVisible();
    assertThat(page.locator(".line").first()).hasClass(Pattern.compile("line-clear"));
    // One of them stops calling after 40 seconds, and its line stays narrower.
    page.waitForFunction(
        "() => new Set([...document.querySelectorAll('.line path')]"
            + ".map((path) => path.getAttribute('stroke-width'))).size > 1");
    Locator node = button(page, "legacy/curl");
    node.click();
    assertThat(node).hasAttribute("aria-pressed", "true");
    assertThat(page).hasURL(Pattern.compile("pin=legacy%2Fcurl"));
    Locator rows = page.locator(".table .body").getByRole(AriaRole.ROW);
    assertThat(rows.filter(containing("legacy/curl")).first()).isVisible();
    assertThat(rows.filter(containing("shop-web/curl"))).hasCount(0);
    node.press("Enter");
    assertThat(rows.filter(containing("shop-web/curl")).first()).isVisible();
    page.context().close();
  }

  @Test
  void tellOfManifestsWhatIsRefusedAlready() {
    Page page = show("#/analyse", ".drop", 1440);
    button(page, "Take an example").click();
    Locator text = page.getByLabel("Kubernetes YAML");
    text.fill(text.inputValue().replace("PERMISSIVE", "STRICT"));
    button(page, "Analyse").click();
    assertThat(page.locator(".verdict"))
        .hasText("Nobody new among these manifests would be refused; 1 call is refused already");
    page.context().close();
  }

  @Test
  void tellOfManifestsThatCallsWereLeftOutAndWhy() {
    Page page = show("#/analyse", ".drop", 1440);
    // As the service answers to two million kinds of calls.
    page.route(
        "**/api/v1/analyses*",
        route -> {
          APIResponse answer = route.fetch();
          route.fulfill(
              new Route.FulfillOptions()
                  .setResponse(answer)
                  .setBody(
                      answer
                          .text()
                          .replaceFirst("\"breaking\":\\d+", "\"breaking\":null")
                          .replace(
                              "\"reachabilityOmitted\":null",
                              "\"reachabilityOmitted\":\"2250000 kinds of calls are more than"
                                  + " 2000000; send a part\"")));
        });
    button(page, "Take an example").click();
    button(page, "Analyse").click();
    assertThat(page.getByRole(AriaRole.REGION, named("If the whole mesh were STRICT")))
        .containsText(
            "How many calls are refused already was left out: 2250000 kinds of calls are more than"
                + " 2000000; send a part.");
    page.context().close();
  }

  @Test
  void agreeAboutWhatStaysOpen() {
    Page page = show("#/plans/open?tab=exceptions", ".changes li", 1440);
    Locator list = page.getByRole(AriaRole.LIST, named("Exceptions"));
    Locator dialog = page.getByRole(AriaRole.DIALOG);
    assertThat(list).containsText("Ends soon");

    leaveAPortOpen(page);
    Locator added = list.locator("li").filter(containing("port 7070"));
    assertThat(added).containsText("team-b answers for it until 2127-04-01");

    // The same once more: the service says what is wrong with it.
    leaveAPortOpen(page);
    assertThat(dialog.getByRole(AriaRole.ALERT)).containsText("half-captured");
    button(page, "Cancel").click();

    button(added, "Change").click();
    assertThat(dialog.getByLabel("Owner")).hasValue("team-b");
    dialog.getByLabel("Last day").fill("2127-06-01");
    button(page, "Agree").click();
    assertThat(added).containsText("until 2127-06-01");

    button(added, "End").click();
    button(page, "End it").click();
    assertThat(added).hasCount(0);
    page.context().close();
  }

  private static void leaveAPortOpen(Page page) {
    Locator dialog = page.getByRole(AriaRole.DIALOG);
    button(page, "Leave a port open").click();
    assertThat(dialog.locator("datalist option[value='half-captured']")).hasCount(1);
    dialog.getByLabel("Namespace").fill("half-captured");
    dialog.getByLabel("Labels").fill("app=app");
    dialog.getByLabel("Container port").fill("7070");
    dialog.getByLabel("Last day").fill("2127-04-01");
    dialog.getByLabel("Owner").fill("team-b");
    dialog.getByLabel("Reason").fill("moves in May");
    button(page, "Leave it open").click();
  }

  private static Locator.FilterOptions containing(String text) {
    return new Locator.FilterOptions().setHasText(text);
  }

  private static Page.GetByRoleOptions named(String name) {
    return new Page.GetByRoleOptions().setName(name);
  }

  private static Locator button(Locator within, String name) {
    return within.getByRole(
        AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name).setExact(true));
  }

  private static JsonNode json(String text) throws JsonProcessingException {
    return new ObjectMapper().readTree(text);
  }

  private static Locator button(Page page, String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  @Test
  void areSmallAndFast() {
    double paint = Double.MAX_VALUE;
    // Other tests run beside this one, so the best of some loads counts.
    for (int tries = 0; tries < 5 && paint >= PAINT_MS; tries++) {
      paint = firstPaint();
    }

    assertTrue(paint < PAINT_MS, paint + " ms");
  }

  private static double firstPaint() {
    Page page = chromium.open();
    page.navigate(service.url(""));
    assertThat(page.locator(".headline")).isVisible();
    int bytes =
        (int)
            page.evaluate(
                "() => performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))"
                    + ".filter((e) => !e.name.includes('/api/')).reduce((sum, e) => sum + e.transferSize, 0)");
    double paint =
        ((Number)
                page.evaluate(
                    "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"))
            .doubleValue();
    System.out.printf("first load: %d bytes as sent; first paint after %.0f ms%n", bytes, paint);
    assertTrue(bytes < 300_000, bytes + " bytes");
    page.context().close();
    return paint;
  }

  private static Page show(String place, String ready, int width) {
    Page page = chromium.open(width, HEIGHT, ColorScheme.LIGHT);
    page.navigate(service.url(place));
    page.locator(ready).first().waitFor();
    if (place.contains("range=")) {
      settle(page);
      page.locator(".history-panel").evaluate("panel => panel.scrollIntoView({ block: 'end' })");
    }
    return page;
  }

  /** Waits until nothing moves any more. */
  private static void settle(Page page) {
    page.waitForTimeout(700);
  }

  private static String focused(Page page) {
    return (String) page.evaluate("() => document.activeElement.textContent.trim()");
  }
}
