// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hook;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.StringTokenizer;
import java.util.stream.Stream;

/** Calls receivers of notices, under the same rules as hooks: which addresses, and how long. */
public final class NoticeClient implements AutoCloseable {

  /** Shorter ones are words and numbers, such as {@code v1}. */
  private static final int SHORTEST_PART = 6;

  private final HookClient client;

  public NoticeClient(HookOptions options, Vertx vertx) {
    this(new HookClient(options, vertx, NameLookup::ofTheMachine));
  }

  NoticeClient(HookClient client) {
    this.client = client;
  }

  Reply post(URI url, Map<String, String> credentials, NoticeBody body)
      throws InterruptedException {
    // Whoever knows the path of a chat's webhook may write there.
    Map<String, String> secrets = new HashMap<>(credentials);
    secrets.put("path", HookReceiver.path(url).substring(1));
    if (url.getRawQuery() != null) {
      secrets.put("query", url.getRawQuery());
    }
    parts(url).forEach(part -> secrets.put("part " + part, part));
    return client.post(
        new HookClient.Post(
            url,
            Map.of("Content-Type", body.contentType(), "Idempotency-Key", '"' + body.id() + '"'),
            () -> credentials,
            secrets,
            Buffer.buffer(body.text())));
  }

  /** An answer may quote a part of the address, as it was sent or as the receiver read it. */
  private static Set<String> parts(URI url) {
    Set<String> parts = new HashSet<>();
    StringTokenizer whole =
        new StringTokenizer(
            HookReceiver.path(url) + "&" + Objects.requireNonNullElse(url.getRawQuery(), ""),
            "/&=");
    while (whole.hasMoreTokens()) {
      String part = whole.nextToken();
      Stream.of(part, decoded(part))
          .filter(secret -> secret.length() >= SHORTEST_PART)
          .forEach(parts::add);
    }
    return parts;
  }

  private static String decoded(String part) {
    return URLDecoder.decode(part, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    client.close();
  }
}
