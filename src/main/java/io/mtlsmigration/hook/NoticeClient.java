// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hook;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;

/** Calls receivers of notices, under the same rules as hooks: which addresses, and how long. */
public final class NoticeClient implements AutoCloseable {

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
    return client.post(
        new HookClient.Post(
            url,
            Map.of("Content-Type", body.contentType(), "Idempotency-Key", '"' + body.id() + '"'),
            () -> credentials,
            secrets,
            Buffer.buffer(body.text())));
  }

  @Override
  public void close() {
    client.close();
  }
}
