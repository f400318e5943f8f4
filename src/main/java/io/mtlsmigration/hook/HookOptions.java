package io.mtlsmigration.hook;

import io.mtlsmigration.plan.HookTargets;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How hooks are called.
 *
 * @param targets where they may lead
 * @param receivers those that are shown credentials; of two that cover a URL the first
 * @param trust whom to trust with TLS; null = the JVM's certificate authorities
 * @param identity the client's certificate; null = none
 * @param connectTimeout until a connection stands
 * @param timeout for one call in all
 * @param concurrency calls under way at once, of all plans together
 */
public record HookOptions(
    HookTargets targets,
    List<HookReceiver> receivers,
    @Nullable TrustOptions trust,
    @Nullable KeyCertOptions identity,
    String userAgent,
    Duration connectTimeout,
    Duration timeout,
    int concurrency,
    HookPace pace) {

  public HookOptions {
    receivers = List.copyOf(receivers);
  }
}
