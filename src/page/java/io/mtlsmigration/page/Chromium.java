// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The machine's own Chromium. Tests that want it fail without it, and say what to install: a test
 * that is left out in silence is taken for one that has passed.
 */
final class Chromium implements AutoCloseable {

  private static final double PATIENCE_MS = 60_000;

  private final Playwright playwright;
  private final Browser browser;
  private final List<String> complaints = new ArrayList<>();

  private Chromium(Playwright playwright, Browser browser) {
    this.playwright = playwright;
    this.browser = browser;
  }

  static Chromium start() {
    Path program =
        program()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "NO BROWSER: the page cannot be tested. Install chromium (Debian: apt-get"
                            + " install chromium), or name one with -Dpage.chromium=PATH"));
    Playwright playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    Browser browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(program)
                    // Root has no sandbox for it; what it loads is our own page.
                    .setArgs(
                        List.of("--no-sandbox", "--disable-gpu", "--font-render-hinting=none")));
    return new Chromium(playwright, browser);
  }

  private static Optional<Path> program() {
    String named = System.getProperty("page.chromium");
    Stream<Path> candidates =
        named != null
            ? Stream.of(Path.of(named))
            : Stream.of(System.getenv("PATH").split(Pattern.quote(File.pathSeparator), -1))
                .flatMap(
                    folder ->
                        Stream.of("chromium", "chromium-browser", "google-chrome")
                            .map(name -> Path.of(folder, name)));
    return candidates.filter(Files::isExecutable).findFirst();
  }

  /** A new page, with nothing remembered of others. */
  Page open(int width, int height, ColorScheme scheme) {
    BrowserContext context =
        browser.newContext(
            new Browser.NewContextOptions()
                .setViewportSize(width, height)
                .setColorScheme(scheme)
                .setAcceptDownloads(true));
    Page page = context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.onPageError(error -> complaints.add("error: " + error));
    page.onConsoleMessage(
        message -> {
          String text = message.text();
          // What the policy of content forbids is an error of ours, wherever it shows.
          if (text.contains("Content Security Policy") || text.contains("TrustedHTML")) {
            complaints.add(text);
          }
        });
    return page;
  }

  Page open() {
    return open(1440, 900, ColorScheme.LIGHT);
  }

  /**
   * Calls the API as the page does, and fails unless it is a success.
   *
   * @param path below {@code /api/v1}
   * @param body JSON; empty for none
   */
  static void post(Page page, String path, String body) {
    page.evaluate(
        """
        async ([path, body]) => {
          const answer = await fetch('/api/v1' + path, { method: 'POST',
            headers: { 'Content-Type': 'application/json' }, body: body || undefined });
          if (!answer.ok) { throw new Error(await answer.text()); }
        }
        """,
        List.of(path, body));
  }

  /**
   * Returns the processor time of the longest task on the threads of pages while something is done,
   * in milliseconds; the machine's other work, which lengthens tasks, does not count.
   */
  double longestTask(Runnable done) {
    browser.startTracing(
        null, new Browser.StartTracingOptions().setCategories(List.of("toplevel")));
    done.run();
    JsonNode events = events(browser.stopTracing());
    Set<String> threads = new HashSet<>();
    for (JsonNode event : events) {
      if (event.at("/args/name").asText().equals("CrRendererMain")) {
        threads.add(thread(event));
      }
    }
    double longest = -1;
    for (JsonNode event : events) {
      if (event.has("tdur") && threads.contains(thread(event))) {
        longest = Math.max(longest, event.get("tdur").asDouble() / 1000);
      }
    }
    if (longest < 0) {
      throw new IllegalStateException("no task of a page among " + events.size() + " events");
    }
    return longest;
  }

  private static JsonNode events(byte[] trace) {
    try {
      return new ObjectMapper().readTree(trace).get("traceEvents");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String thread(JsonNode event) {
    return event.get("pid") + " " + event.get("tid");
  }

  /** Errors of scripts, and what the policy of content has refused, on all pages so far. */
  List<String> complaints() {
    return List.copyOf(complaints);
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
  }
}
