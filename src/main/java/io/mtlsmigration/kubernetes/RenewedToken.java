// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes;

import io.fabric8.kubernetes.client.OAuthTokenProvider;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * An expiring token that is read again from its source once a minute, as client-go does: the
 * kubelet rewrites a service account's file, and a credential plugin must be asked again.
 */
final class RenewedToken implements OAuthTokenProvider {

  private static final Logger LOG = Logger.getLogger(RenewedToken.class);

  private static final long PERIOD_NANOS = Duration.ofMinutes(1).toNanos();

  private final Supplier<@Nullable String> source;
  private final LongSupplier ticker;
  private String token;
  private long readAt;

  /**
   * Creates a provider that starts with a token.
   *
   * @param first the token as it is now
   * @param source returns null, or throws, when the token cannot be read: the current one is kept,
   *     and the API server judges it
   */
  RenewedToken(String first, Supplier<@Nullable String> source, LongSupplier ticker) {
    this.token = first;
    this.source = source;
    this.ticker = ticker;
    this.readAt = ticker.getAsLong();
  }

  @Override
  public synchronized String getToken() {
    long now = ticker.getAsLong();
    if (now - readAt >= PERIOD_NANOS) {
      String next = read();
      token = next == null ? token : next;
      readAt = now;
    }
    return token;
  }

  private @Nullable String read() {
    try {
      return source.get();
    } catch (RuntimeException e) {
      LOG.warnf("A token cannot be read again, and the current one is kept: %s", e.getMessage());
      return null;
    }
  }
}
