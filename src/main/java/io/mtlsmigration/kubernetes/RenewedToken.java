package io.mtlsmigration.kubernetes;

import io.fabric8.kubernetes.client.OAuthTokenProvider;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A token that runs out and is read anew where it came from: the kubelet rewrites a service
 * account's file, a credential plugin has to be asked again. Like client-go, once a minute.
 */
final class RenewedToken implements OAuthTokenProvider {

  private static final long PERIOD_NANOS = Duration.ofMinutes(1).toNanos();

  private final Supplier<@Nullable String> source;
  private final LongSupplier ticker;
  private String token;
  private long readAt;

  /**
   * @param first the token as it is now
   * @param source null when it cannot be read: the token stays, the API server will judge it
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
      String next = source.get();
      token = next == null ? token : next;
      readAt = now;
    }
    return token;
  }
}
