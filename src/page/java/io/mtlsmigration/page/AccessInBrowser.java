// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import io.mtlsmigration.kubernetes.access.ReviewServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who may see and do what on the page, where callers show tokens of a cluster. */
final class AccessInBrowser {

  private static ReviewServer reviews;
  private static PackagedService service;
  private static Chromium chromium;

  @BeforeAll
  static void start() {
    PlaywrightAssertions.setDefaultAssertionTimeout(30_000);
    chromium = Chromium.start();
    reviews =
        ReviewServer.start()
            .user("reads", "viewer@example.com", "list", "get")
            .user("tightens", "planner@example.com", "list", "get", "update")
            .user("one", "team@example.com", "get")
            .user(
                "acts", "operator@example.com", "list", "get", "create", "start", "pause", "probe");
    service =
        PackagedService.start(
            0,
            List.of(
                "-Dmtls-migration.auth.mode=kubernetes",
                "-Dquarkus.kubernetes-client.api-server-url=" + reviews.url()),
            "--plan",
            "docs/task/plan.json");
  }

  @AfterAll
  static void stop() {
    service.close();
    reviews.close();
    chromium.close();
  }

  @Test
  void opensItsFilesToEverybodyAndNothingElse() {
    Page page = chromium.open();
    Response entry = page.navigate(service.url(""));

    Map<String, String> headers = entry.allHeaders();
    assertEquals(200, entry.status());
    assertEquals("no-cache", headers.get("cache-control"));
    assertEquals("nosniff", headers.get("x-content-type-options"));
    assertEquals("no-referrer", headers.get("referrer-policy"));
    List<String> policy =
        Stream.of(headers.get("content-security-policy").split(";")).map(String::strip).toList();
    assertEquals(
        List.of("default-src 'none'", "script-src 'self'", "style-src 'self'"),
        policy.subList(0, 3));
    assertEquals(true, policy.contains("frame-ancestors 'none'"), policy.toString());
    assertThat(
            page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("Who are you?")))
        .isVisible();
    assertThat(page.locator("main")).containsText("kubectl create token");
  }

  @Test
  void refusesAWrongTokenWithItsReason() {
    Page page = logIn("nobody's");

    assertThat(page.locator("main")).containsText("The token is not taken");
  }

  @Test
  void showsNoButtonToWhoMayOnlyRead() {
    Page page = logIn("reads");

    assertThat(page.locator(".who")).containsText("viewer@example.com");
    assertThat(page.locator(".standing")).containsText("Read only");
    assertThat(page.locator(".headline")).isVisible();
    for (String place :
        List.of(
            "#/mesh",
            "#/plans/task",
            "#/plans/task?step=foo",
            "#/plans/task?tab=terms",
            "#/plans",
            "#/connectivity")) {
      page.navigate(service.url(place));
      assertThat(page.locator("main")).containsText(Pattern.compile("task|probes"));
      page.waitForTimeout(1_500);
      assertEquals(
          List.of(),
          page.locator("main").getByRole(AriaRole.BUTTON).allInnerTexts().stream()
              .map(String::strip)
              .filter(text -> ACTIONS.matcher(text).matches())
              .toList(),
          place);
    }
  }

  private static final Pattern ACTIONS =
      Pattern.compile(
          "Start|Pause|Resume|Abort|Roll back|Clean up|Delete|Approve.*|Retry|Exempt|Skip|Override.*|Make a plan|Probe now|Change|Let a client fail|No longer");

  @Test
  void letsWhoMayOnlyTightenSeeWhatNeedsAnotherVerb() {
    Page page = logIn("tightens");
    page.navigate(service.url("#/plans/task?tab=terms"));
    Locator main = page.locator("main");
    assertThat(button(main, "Let a client fail")).hasCount(0);
    button(main, "Change").click();
    Locator dialog = page.getByRole(AriaRole.DIALOG);
    dialog.getByLabel("Nobody sends plaintext for").fill("1s");
    button(dialog, "Change").click();

    assertThat(dialog).containsText("It needs the verb override, which you do not have");
    dialog.getByLabel("Comment").fill("in a hurry");
    assertThat(button(dialog, "Override")).isDisabled();
  }

  @Test
  void asksTheHistoryForThoseAloneWhoMayListAllPlans() {
    Page page = logIn("one");
    page.navigate(service.url("#/plans/task?tab=backtest&asked=yes"));
    assertThat(page.locator("main")).containsText("You may not ask the history");

    page = logIn("reads");
    page.navigate(service.url("#/plans/task?tab=backtest"));
    button(page.locator("main"), "Ask the history").click();
    assertThat(page.locator(".backtest > li").first()).containsText("Not known");
  }

  private static Locator button(Locator within, String name) {
    return within.getByRole(
        AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name).setExact(true));
  }

  @Test
  void showsTheButtonsOfTheVerbsThatTheCallerHas() {
    Page page = logIn("acts");
    page.navigate(service.url("#/plans/task"));

    Locator head = page.locator(".view-head");
    assertThat(head.getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Pause")))
        .isVisible();
    assertThat(head.getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Roll back")))
        .hasCount(0);
  }

  /** The page asks for several things at once, and may be asked for a token by the first answer. */
  @Test
  void keepsATokenThatIsGivenWhileACallWithoutOneIsUnderWay() {
    Page page = chromium.open();
    List<Route> held = new ArrayList<>();
    page.route(
        "**/api/v1/mesh",
        route -> {
          if (route.request().headerValue("authorization") == null) {
            held.add(route);
          } else {
            route.resume();
          }
        });
    logIn(page, "acts");
    assertThat(page.locator(".who")).containsText("operator@example.com");

    Response late = page.waitForResponse("**/api/v1/mesh", () -> held.forEach(Route::resume));

    assertEquals(401, late.status());
    page.waitForTimeout(500);
    assertThat(page.getByLabel("Bearer token")).hasCount(0);
  }

  @Test
  void forgetsTheTokenOnLoggingOut() {
    Page page = logIn("reads");
    page.getByLabel("Log out viewer@example.com").click();

    assertThat(page.getByLabel("Bearer token")).isVisible();
    assertEquals(0, page.evaluate("() => sessionStorage.length"));
  }

  private static Page logIn(String token) {
    Page page = chromium.open();
    logIn(page, token);
    return page;
  }

  private static void logIn(Page page, String token) {
    page.navigate(service.url(""));
    page.getByLabel("Bearer token").fill(token);
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Log in")).click();
  }
}
