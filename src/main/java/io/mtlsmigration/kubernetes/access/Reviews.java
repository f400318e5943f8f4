// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * A cache of the API server's reviews. Callers with the same question share one request, and the
 * number of requests in flight is bounded, so that a caller with ever new tokens cannot use this
 * service to flood the API server.
 */
final class Reviews<K, V> {

  private static final Logger LOG = Logger.getLogger(Reviews.class);

  /**
   * The lifetime of a refusal; short, because a caller who has just been granted access tries again
   * at once.
   */
  static final Duration REFUSALS_KEPT = Duration.ofSeconds(10);

  private static final int MAX_KEPT = 10_000;
  private static final int MAX_UNDER_WAY = 32;

  private final Kind<V> kind;
  private final Duration timeout;
  private final Cache<K, V> granted;
  private final Cache<K, V> refused;
  private final ConcurrentMap<K, CompletableFuture<V>> underWay = new ConcurrentHashMap<>();
  private final Semaphore room = new Semaphore(MAX_UNDER_WAY);
  private final AtomicBoolean failing = new AtomicBoolean();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * A kind of review.
   *
   * @param resource as RBAC names it
   * @param favourable accepts answers that are kept for {@code keep}; the others are refusals
   */
  record Kind<V>(String resource, Predicate<V> favourable, Duration keep) {}

  /**
   * Creates an empty cache.
   *
   * @param timeout of a caller's wait, whatever the client's own retries do
   * @param ticker a clock that is never set back, which would prolong grants
   */
  Reviews(Kind<V> kind, Duration timeout, Ticker ticker) {
    this.kind = kind;
    this.timeout = timeout;
    this.granted = cache(kind.keep, ticker);
    this.refused = cache(REFUSALS_KEPT, ticker);
  }

  private static <K, V> Cache<K, V> cache(Duration keep, Ticker ticker) {
    return Caffeine.newBuilder()
        .maximumSize(MAX_KEPT)
        .expireAfterWrite(keep)
        .ticker(ticker)
        .executor(Runnable::run)
        .build();
  }

  /**
   * Returns the answer to a question, from the cache or from the API server.
   *
   * @param question is kept
   * @param ask asks the API server; may block, and may throw when there is no answer
   * @throws ReviewException when there is no answer
   */
  V of(K question, Supplier<V> ask) throws ReviewException {
    V known = granted.getIfPresent(question);
    if (known == null) {
      known = refused.getIfPresent(question);
    }
    return known == null ? await(asked(question, ask)) : known;
  }

  private CompletableFuture<V> asked(K question, Supplier<V> ask) {
    CompletableFuture<V> answer = new CompletableFuture<>();
    CompletableFuture<V> earlier = underWay.putIfAbsent(question, answer);
    if (earlier != null) {
      return earlier;
    }
    threads.execute(() -> ask(question, ask, answer));
    return answer;
  }

  private void ask(K question, Supplier<V> ask, CompletableFuture<V> answer) {
    try {
      V value = kept(question, ask);
      // After the answer is cached, so that the next caller finds it; and before any caller has it,
      // since a caller might ask again at once and be given an answer that has expired meanwhile.
      underWay.remove(question);
      answer.complete(value);
      if (failing.compareAndSet(true, false)) {
        LOG.infof("Access reviews are answered again resource=%s", kind.resource);
      }
    } catch (ReviewException e) {
      underWay.remove(question);
      if (failing.compareAndSet(false, true)) {
        LOG.warnf(
            "Access reviews are not answered resource=%s reason=%s cause=%s",
            kind.resource, e.getMessage(), e.getCause());
      }
      answer.completeExceptionally(e);
    }
  }

  private V kept(K question, Supplier<V> ask) throws ReviewException {
    try {
      if (!room.tryAcquire(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new ReviewException("The API server has too many questions to answer");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ReviewException("The question was given up", e);
    }
    try {
      V value = ask.get();
      (kind.favourable.test(value) ? granted : refused).put(question, value);
      return value;
    } catch (RuntimeException | Error e) {
      // Also of an error: nobody asks this question while it seems to be under way.
      throw failure(e);
    } finally {
      room.release();
    }
  }

  private ReviewException failure(Throwable e) {
    if (e instanceof KubernetesClientException refusal
        && (refusal.getCode() == 401 || refusal.getCode() == 403)) {
      return new ReviewException(
          "The API server does not let this service create " + kind.resource, e);
    }
    return new ReviewException("The API server gave no answer", e);
  }

  private V await(CompletableFuture<V> answer) throws ReviewException {
    try {
      return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ReviewException("The question was given up", e);
    } catch (TimeoutException e) {
      throw new ReviewException("The API server does not answer", e);
    } catch (ExecutionException e) {
      // A new exception for each caller, who may be on another thread than the one that asked.
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new ReviewException(String.valueOf(cause.getMessage()), cause);
    }
  }
}
