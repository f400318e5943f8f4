// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.login;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.HttpCookie;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Somebody with cookies who follows redirects one by one, and keeps where they led. */
final class Visitor {

  private static final int REDIRECT = 300;

  private final URI service;
  private final CookieManager cookies = new CookieManager(null, CookiePolicy.ACCEPT_ALL);
  private final HttpClient http = HttpClient.newBuilder().cookieHandler(cookies).build();
  private final List<URI> seen = new ArrayList<>();
  private final List<String> set = new ArrayList<>();

  Visitor(int port) {
    service = URI.create("http://localhost:" + port);
  }

  /** GET as a browser that goes there. */
  HttpResponse<String> open(String path) {
    return open(service.resolve(path));
  }

  HttpResponse<String> open(URI uri) {
    return send(HttpRequest.newBuilder(uri).header("Accept", "text/html,*/*;q=0.8"));
  }

  /** Any call, with the cookies that belong there. */
  HttpResponse<String> call(String method, String path, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(service.resolve(path)).method(method, BodyPublishers.noBody());
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  /** Follows redirects until somebody answers, or until the page is reached. */
  HttpResponse<String> follow(HttpResponse<String> answer) {
    HttpResponse<String> last = answer;
    for (int step = 0; step < 10 && isRedirect(last); step++) {
      URI next = target(last);
      if (next.getPath().equals("/")) {
        return last;
      }
      last = open(next);
    }
    return last;
  }

  /** From {@code path} by the form of the provider to the end. */
  HttpResponse<String> signIn(String path, String name, String group) {
    HttpResponse<String> form = follow(open(path));
    return follow(submit(form.uri(), name, group));
  }

  HttpResponse<String> submit(URI form, String name, String group) {
    String body =
        "username="
            + encoded(name)
            + "&claims="
            + encoded("{\"groups\":[\"" + group + "\"],\"preferred_username\":\"" + name + "\"}");
    return send(
        HttpRequest.newBuilder(form)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Accept", "text/html")
            .POST(BodyPublishers.ofString(body)));
  }

  static boolean isRedirect(HttpResponse<?> answer) {
    return answer.statusCode() / 100 == REDIRECT / 100;
  }

  static URI target(HttpResponse<?> answer) {
    return answer.uri().resolve(answer.headers().firstValue("Location").orElseThrow());
  }

  /** Returns where a redirect leads to in this service. */
  static String place(HttpResponse<?> answer) {
    URI target = target(answer);
    return target.getPath() + (target.getFragment() == null ? "" : "#" + target.getFragment());
  }

  /** Every address so far. */
  List<URI> seen() {
    return List.copyOf(seen);
  }

  /** Every Set-Cookie of the service so far. */
  List<String> set() {
    return List.copyOf(set);
  }

  /** What a browser would send to the paths of the login; for calls that no browser makes. */
  String cookieHeader() {
    return String.join(
        "; ",
        cookies.getCookieStore().getCookies().stream()
            .filter(cookie -> cookie.getName().startsWith("q_"))
            .map(Visitor::pair)
            .toList());
  }

  private static String pair(HttpCookie cookie) {
    return cookie.getName() + "=" + cookie.getValue();
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      HttpRequest built = request.build();
      seen.add(built.uri());
      HttpResponse<String> answer = http.send(built, BodyHandlers.ofString());
      if (built.uri().getAuthority().equals(service.getAuthority())) {
        set.addAll(answer.headers().allValues("Set-Cookie"));
      }
      if (isRedirect(answer)) {
        seen.add(target(answer));
      }
      return answer;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
