// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Serves those files of the page that name other files of it. The bundler writes absolute paths;
 * here they become relative, so that the page works below a path prefix that a proxy removes.
 */
@Singleton
final class PageFiles {

  private static final String BUNDLE = "/static/bundle/";

  private final Map<String, String> texts = new ConcurrentHashMap<>();

  void register(@Observes Router router) {
    router
        .routeWithRegex("/|/index\\.html|" + BUNDLE + "[^/]+\\.js")
        .method(HttpMethod.GET)
        .method(HttpMethod.HEAD)
        .handler(this::serve);
  }

  private void serve(RoutingContext context) {
    String path = context.normalizedPath();
    boolean script = path.startsWith(BUNDLE);
    String text =
        texts.computeIfAbsent(script ? path : "/index.html", name -> relative(name, script));
    if (text.isEmpty()) {
      // Nothing of that name: whoever answers for unknown paths does.
      texts.remove(path);
      context.next();
      return;
    }
    // Without this header, which is set beforehand for what has no text, the answer is compressed.
    context.response().headers().remove(HttpHeaderNames.CONTENT_ENCODING);
    context
        .response()
        .putHeader(
            HttpHeaderNames.CONTENT_TYPE,
            (script ? "text/javascript" : "text/html") + ";charset=UTF-8")
        .end(text);
  }

  private static String relative(String name, boolean script) {
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    try (InputStream file = loader.getResourceAsStream("META-INF/resources" + name)) {
      if (file == null) {
        return "";
      }
      String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      return script ? text.replace('"' + BUNDLE, "\"./") : text.replace("=\"/", "=\"./");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
