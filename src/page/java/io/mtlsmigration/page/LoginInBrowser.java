// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.Cookie;
import io.mtlsmigration.api.login.OpenIdServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Signing in at an OpenID provider, by clicks, and what becomes of the page when that ends. */
final class LoginInBrowser {

  /** Short, so that a test sees a token end; the page renews it after half of that. */
  private static final Duration LIFETIME = Duration.ofSeconds(12);

  private static final double PATIENCE_MS = 40_000;

  private static OpenIdServer provider;
  private static PackagedService service;
  private static Chromium chromium;

  @BeforeAll
  static void start() throws IOException {
    // The plan runs for as long as the tests do.
    Path plan = Files.createTempFile("plan", ".json");
    Files.writeString(
        plan,
        Files.readString(Path.of("docs/task/plan.json")).replace("\"NONE\"", "\"NAMESPACE\""));
    chromium = Chromium.start();
    provider = OpenIdServer.start(0, LIFETIME);
    service = PackagedService.start(0, options(provider), "--plan", plan.toString());
  }

  /** Options of a service at which people sign in at that provider, and some more. */
  static List<String> options(OpenIdServer provider, String... more) {
    return Stream.concat(
            Stream.of(
                "-Dmtls-migration.auth.mode=oidc",
                "-Dmtls-migration.auth.oidc.viewers=engineering",
                "-Dmtls-migration.auth.oidc.operators=platform",
                "-Dquarkus.oidc.tenant-enabled=true",
                "-Dquarkus.oidc.auth-server-url=" + provider.issuer(),
                "-Dquarkus.oidc.token.audience=" + OpenIdServer.AUDIENCE,
                "-Dquarkus.oidc.page.tenant-enabled=true",
                "-Dquarkus.oidc.page.token.refresh-token-time-skew=6S",
                "-Dquarkus.oidc.page.client-id=" + OpenIdServer.CLIENT,
                "-Dquarkus.oidc.page.credentials.secret=thirty-two-letters-of-a-secret-or-more"),
            Stream.of(more))
        .toList();
  }

  @AfterEach
  void brokeNoRule() {
    assertEquals(List.of(), chromium.complaints());
  }

  @AfterAll
  static void stop() {
    service.close();
    provider.close();
    chromium.close();
  }

  @Test
  void comesBackToWhereItWasAndActsAsWhoSignedIn() {
    Page page = open("#/plans/task?step=foo");

    signIn(page, "olga", "platform");

    assertThat(page.locator(".who")).containsText("olga");
    assertEquals(service.url("#/plans/task?step=foo"), page.url());
    Locator head = page.locator(".view-head");
    button(head, "Pause").click();
    button(page.locator("dialog"), "Pause").click();
    assertThat(button(head, "Resume")).isVisible();
    button(head, "Resume").click();
    button(page.locator("dialog"), "Resume").click();
    assertThat(button(head, "Pause")).isVisible();
  }

  @Test
  void asksInAWayThatSatisfiesAxe() {
    for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      Page page = chromium.open(1440, 900, scheme);
      page.navigate(service.url("#/mesh"));
      assertThat(link(page.locator("main"), "Sign in")).isVisible();
      assertThat(page.locator("main")).containsText("Sign in to see the mesh");
      Looks.picture(page, "login-" + scheme.name().toLowerCase(Locale.ROOT));
      assertEquals(List.of(), Looks.serious(page));
      page.context().close();
    }
    Page narrow = chromium.open(360, 900, ColorScheme.LIGHT);
    narrow.navigate(service.url("#/mesh"));
    assertThat(link(narrow.locator("main"), "Sign in")).isVisible();
    Looks.picture(narrow, "login-narrow");
    assertEquals(360, narrow.evaluate("() => document.documentElement.scrollWidth"));
    narrow.context().close();
  }

  @Test
  void showsNoButtonToWhoMayOnlyRead() {
    Page page = open("#/plans/task");

    signIn(page, "vera", "engineering");

    assertThat(page.locator(".who")).containsText("vera");
    assertThat(page.locator("main")).containsText("foo");
    page.waitForTimeout(1_500);
    for (String action : List.of("Pause", "Resume", "Abort", "Roll back", "Start", "Clean up")) {
      assertThat(button(page.locator("main"), action)).hasCount(0);
    }
  }

  @Test
  void keepsTheTokenInMemoryAlone() {
    Page page = open("#/plans/task");
    Set<String> tokens = tokens(page);
    Set<String> addresses = ConcurrentHashMap.newKeySet();
    page.onRequest(request -> addresses.add(request.url()));
    signIn(page, "olga", "platform");
    assertThat(page.locator(".who")).containsText("olga");

    page.reload();

    assertThat(page.locator(".who")).containsText("olga");
    assertFalse(tokens.isEmpty());
    for (String token : tokens) {
      assertTrue(addresses.stream().noneMatch(address -> address.contains(token)));
    }
    assertEquals(
        "{}{}", page.evaluate("JSON.stringify(sessionStorage)+JSON.stringify(localStorage)"));
    List<Cookie> cookies = page.context().cookies(service.url("login"));
    assertFalse(cookies.isEmpty());
    for (Cookie cookie : cookies) {
      assertTrue(cookie.httpOnly, cookie.name);
    }
    assertEquals(List.of(), page.context().cookies(service.url("api/v1/mesh")));
  }

  @Test
  void renewsTheTokenUnnoticed() {
    Page page = open("#/mesh");
    Set<String> tokens = tokens(page);
    signIn(page, "vera", "engineering");
    assertThat(page.locator(".who")).containsText("vera");
    page.evaluate(
        "() => { window.asked = 0; new MutationObserver(() => { window.asked +="
            + " document.querySelectorAll('.login').length }).observe(document.body,"
            + " {childList: true, subtree: true}) }");

    page.waitForTimeout((double) LIFETIME.plusSeconds(4).toMillis());

    assertThat(page.locator(".live-live")).isVisible();
    assertTrue(tokens.size() >= 2, "the same token for longer than it lasts");
    assertEquals(0, page.evaluate("() => window.asked"));
  }

  @Test
  void goesOnWithWhatWasBegunAfterTheSessionHasEnded() {
    Page page = open("#/connectivity");
    signIn(page, "olga", "platform");
    button(page.locator("main"), "Probe now").click();
    Locator ask =
        page.locator("dialog").filter(new Locator.FilterOptions().setHasText("Probe now?"));
    assertThat(ask).isVisible();

    provider.endSessions();
    Locator login = page.locator("dialog.login");
    assertThat(login).isVisible(patient());
    assertThat(ask).isHidden();
    assertThat(login).containsText("Your session has ended");
    assertEquals(List.of(), Looks.serious(page));
    Looks.picture(page, "login-again");
    Page other = page.waitForPopup(() -> link(login, "Sign in, in a new tab").click());
    fill(other, "olga", "platform");

    assertThat(login).hasCount(0, new LocatorAssertions.HasCountOptions().setTimeout(PATIENCE_MS));
    assertThat(ask).isVisible();
    ask.getByRole(AriaRole.BUTTON).last().click();
    assertThat(ask).hasCount(0);
    assertTrue(other.isClosed() || other.url().endsWith("#/signed-in"), other.url());
    startAgain();
  }

  @Test
  void leavesNothingBehindOnLoggingOutInAnyTab() {
    Page page = open("#/mesh");
    signIn(page, "vera", "engineering");
    assertThat(page.locator(".who")).containsText("vera");
    Page beside = page.context().newPage();
    beside.navigate(service.url("#/traffic"));
    assertThat(beside.locator(".who")).containsText("vera");

    page.getByLabel("Log out vera").click();

    assertThat(page.locator("main")).containsText("You have logged out.");
    assertThat(link(page.locator("main"), "Sign in")).isVisible();
    assertThat(link(page.locator("main"), "Log out there, too"))
        .hasAttribute(
            "href", Pattern.compile("^" + provider.issuer() + "/endsession\\?client_id="));
    assertThat(beside.locator("main")).containsText("You have logged out in another tab.");
    assertEquals(List.of(), page.context().cookies(service.url("login")));
    page.reload();
    assertThat(link(page.locator("main"), "Sign in")).isVisible();
  }

  @Test
  void takesAPastedTokenBesideIt() {
    Page signedIn = open("#/mesh");
    Set<String> tokens = tokens(signedIn);
    signIn(signedIn, "olga", "platform");
    assertThat(signedIn.locator(".who")).containsText("olga");
    Page page = open("#/plans");

    page.getByLabel("Bearer token").fill(tokens.iterator().next());
    button(page.locator("main"), "Log in").click();

    assertThat(page.locator(".who")).containsText("olga");
  }

  @Test
  void saysThatTheProviderIsAway() {
    Page page = open("#/plans/task");
    int port = provider.port();
    provider.close();

    try {
      link(page.locator("main"), "Sign in").click();

      assertThat(page.locator("main")).containsText("The OpenID provider does not answer");
      assertEquals(service.url("#/plans/task"), page.url());
    } finally {
      provider = OpenIdServer.start(port, LIFETIME);
    }
    signIn(page, "vera", "engineering");
    assertThat(page.locator(".who")).containsText("vera");
  }

  private static void startAgain() {
    int port = provider.port();
    provider.close();
    provider = OpenIdServer.start(port, LIFETIME);
  }

  private static Page open(String place) {
    Page page = chromium.open();
    withoutFonts(page);
    page.navigate(service.url(place));
    return page;
  }

  /** The provider's form wants a font from elsewhere. */
  static void withoutFonts(Page page) {
    page.context().route(Pattern.compile("https?://fonts\\..*"), Route::abort);
  }

  static void signIn(Page page, String name, String group) {
    link(page.locator("main"), "Sign in").click();
    fill(page, name, group);
  }

  private static void fill(Page page, String name, String group) {
    page.locator("input[name=username]").fill(name);
    page.locator("textarea[name=claims]").fill("{\"groups\":[\"" + group + "\"]}");
    page.locator("input[type=submit]").click();
  }

  /** The tokens that are shown to the API from now on. */
  private static Set<String> tokens(Page page) {
    Set<String> tokens = ConcurrentHashMap.newKeySet();
    page.onRequest(
        request -> {
          String header = request.headers().get("authorization");
          if (header != null) {
            tokens.add(header.replaceFirst("Bearer ", ""));
          }
        });
    return tokens;
  }

  private static LocatorAssertions.IsVisibleOptions patient() {
    return new LocatorAssertions.IsVisibleOptions().setTimeout(PATIENCE_MS);
  }

  private static Locator button(Locator within, String name) {
    return within.getByRole(
        AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name).setExact(true));
  }

  private static Locator link(Locator within, String name) {
    return within.getByRole(
        AriaRole.LINK, new Locator.GetByRoleOptions().setName(name).setExact(true));
  }
}
