// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hook;

import io.mtlsmigration.rollout.HookCall;
import io.mtlsmigration.rollout.HookCaller;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import org.jboss.logging.Logger;

/**
 * Calls hooks over HTTP. Callers get what is known and never wait; a call that is due is made on a
 * virtual thread. Answers are kept in memory only: another leader asks anew, with the same ids.
 */
public final class HttpHooks implements HookCaller, AutoCloseable {

  private static final Logger LOG = Logger.getLogger(HttpHooks.class);

  /**
   * The maximum number of running calls per plan, and per receiver: what hangs must not block the
   * others, and one plan may name many receivers.
   */
  private static final int AT_ONCE = 4;

  /** The age of unused exchanges to drop, beyond any waiting: the loop asks every second. */
  private static final Duration FORGOTTEN = Duration.ofMinutes(15);

  private static final Duration BETWEEN_CLEARINGS = Duration.ofMinutes(1);

  private final HookOptions options;
  private final HookClient client;
  private final HookMeter meter;
  private final Clock clock;
  private final Semaphore turns;
  private final Map<String, Semaphore> lanes = new ConcurrentHashMap<>();
  private final Map<String, HookExchange> conversations = new ConcurrentHashMap<>();
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("hook-", 0).factory());
  private volatile Instant cleared = Instant.MIN;

  public HttpHooks(HookOptions options, Vertx vertx, HookMeter meter, Clock clock) {
    this(options, new HookClient(options, vertx, NameLookup::ofTheMachine), meter, clock);
  }

  HttpHooks(HookOptions options, HookClient client, HookMeter meter, Clock clock) {
    this.options = options;
    this.client = client;
    this.meter = meter;
    this.clock = clock;
    this.turns = new Semaphore(options.concurrency(), true);
  }

  @Override
  public Answer ask(HookCall call) {
    return asked(call).answer(clock.instant());
  }

  @Override
  public Delivery tell(HookCall call) {
    return asked(call).delivery(call.at(), clock.instant());
  }

  private HookExchange asked(HookCall call) {
    Instant now = clock.instant();
    clear(now);
    HookExchange conversation =
        conversations.computeIfAbsent(
            call.id(),
            id ->
                new HookExchange(
                    call.hook().host(),
                    options.pace(),
                    () -> ThreadLocalRandom.current().nextDouble()));
    if (conversation.begin(now)) {
      try {
        threads.execute(() -> run(conversation, call));
      } catch (RejectedExecutionException e) {
        conversation.end(new Reply.Failed("the service is stopping", null), now);
      }
    }
    return conversation;
  }

  /** Drops exchanges that nobody asks for any more. */
  private void clear(Instant now) {
    if (cleared.isAfter(now.minus(BETWEEN_CLEARINGS))) {
      return;
    }
    cleared = now;
    conversations.values().removeIf(c -> c.forgotten(now.minus(FORGOTTEN)));
    if (conversations.isEmpty()) {
      lanes.clear();
    }
  }

  private void run(HookExchange conversation, HookCall call) {
    Reply reply = new Reply.Failed("the call died", null);
    try {
      reply = inTurn(call);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      reply = new Reply.Failed("the service is stopping", null);
    } catch (RuntimeException e) {
      LOG.errorf(e, "A call of a hook died hook=%s", call.hook().host());
    } finally {
      conversation.end(reply, clock.instant());
      meter.called(call.hook().when(), outcome(reply));
      tell(call, reply);
    }
  }

  /**
   * Makes a call in its turn. Whoever waits holds up nobody but its own plan: first come its calls
   * to the same receiver, then its others, and only then those of all.
   */
  private Reply inTurn(HookCall call) throws InterruptedException {
    String plan = call.origin().plan();
    String host = call.hook().host();
    return inTurn(
        call,
        List.of(lane(plan + " to " + host), lane("of " + plan), lane("to " + host), turns)
            .iterator());
  }

  private Reply inTurn(HookCall call, Iterator<Semaphore> waits) throws InterruptedException {
    if (!waits.hasNext()) {
      return client.post(call.hook().url(), call.id(), HookBody.of(call));
    }
    Semaphore one = waits.next();
    one.acquire();
    try {
      return inTurn(call, waits);
    } finally {
      one.release();
    }
  }

  private Semaphore lane(String whose) {
    return lanes.computeIfAbsent(whose, key -> new Semaphore(AT_ONCE, true));
  }

  private static HookMeter.Outcome outcome(Reply reply) {
    return switch (reply) {
      case Reply.Accepted() -> HookMeter.Outcome.ACCEPTED;
      case Reply.Refused refused -> HookMeter.Outcome.REFUSED;
      case Reply.Failed failed -> HookMeter.Outcome.FAILED;
      case Reply.Closed closed -> HookMeter.Outcome.CLOSED;
    };
  }

  private static void tell(HookCall call, Reply reply) {
    String problem =
        switch (reply) {
          case Reply.Accepted() -> "";
          case Reply.Refused(var detail) -> detail;
          case Reply.Failed(var detail, var retryAfter) -> detail;
          case Reply.Closed(var detail) -> detail;
        };
    if (!problem.isEmpty()) {
      LOG.debugf(
          "A hook was called in vain plan=%s subject=%s when=%s hook=%s id=%s problem=%s",
          call.origin().plan(),
          call.origin().key(),
          call.hook().when(),
          call.hook().host(),
          call.id(),
          problem);
    }
  }

  /** Returns the number of running calls. */
  public int running() {
    return options.concurrency() - turns.availablePermits();
  }

  /**
   * Returns the number of calls that are due and wait for a slot, of their plan, their receiver or
   * any.
   */
  public int waiting() {
    return turns.getQueueLength()
        + lanes.values().stream().mapToInt(Semaphore::getQueueLength).sum();
  }

  @Override
  public void close() {
    threads.shutdownNow();
    client.close();
  }
}
