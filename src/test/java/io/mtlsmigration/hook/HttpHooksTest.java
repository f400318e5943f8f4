// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hook;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.mtlsmigration.plan.HookTargets;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.HookCall;
import io.mtlsmigration.rollout.HookCaller.Answer;
import io.mtlsmigration.rollout.HookCaller.Delivery;
import io.mtlsmigration.testing.FreePort;
import io.mtlsmigration.testing.ManualClock;
import io.vertx.core.Vertx;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hooks over real sockets. */
final class HttpHooksTest {

  private static final Vertx VERTX = Vertx.vertx();
  private static final HookTargets LOOPBACK = HookTargets.allowing(List.of("127.0.0.1"));
  private static final HookPace PACE =
      new HookPace(
          Duration.ofSeconds(30),
          Duration.ofSeconds(20),
          Duration.ofSeconds(1),
          Duration.ofSeconds(60),
          Duration.ofHours(24));

  private final ManualClock clock = new ManualClock(HookCalls.NOW);
  private final List<String> metered = new CopyOnWriteArrayList<>();
  private final List<String> lookedUp = new CopyOnWriteArrayList<>();
  private HttpHooks hooks;
  private Receiver receiver;

  @BeforeEach
  void open() throws IOException {
    receiver = new Receiver(null);
    hooks = hooks(LOOPBACK, List.of());
  }

  @AfterEach
  void close() {
    hooks.close();
    receiver.close();
  }

  @AfterAll
  static void stop() {
    VERTX.close().toCompletionStage().toCompletableFuture().join();
  }

  private HttpHooks hooks(HookTargets targets, List<HookReceiver> receivers) {
    return hooks(
        targets,
        receivers,
        null,
        host -> {
          lookedUp.add(host);
          return NameLookup.ofTheMachine(host);
        });
  }

  private HttpHooks hooks(
      HookTargets targets,
      List<HookReceiver> receivers,
      @Nullable TrustOptions trust,
      NameLookup names) {
    HookOptions options =
        new HookOptions(
            targets,
            receivers,
            trust,
            null,
            "mtls-migration/test",
            Duration.ofMillis(500),
            Duration.ofSeconds(4),
            6,
            PACE);
    return new HttpHooks(
        options,
        new HookClient(options, VERTX, names),
        (when, outcome) -> metered.add(when + " " + outcome),
        clock);
  }

  private HttpHooks replaced(HttpHooks next) {
    hooks.close();
    hooks = next;
    return next;
  }

  /** Asks once, and waits until what became of it is counted. */
  private Answer answered(HookCall call) {
    int before = metered.size();
    hooks.ask(call);
    await().atMost(Duration.ofSeconds(5)).until(() -> metered.size() > before);
    return hooks.ask(call);
  }

  private HookCall call() {
    return HookCalls.before(receiver.url("/lock?team=a"), "id-1");
  }

  private static String pending(Answer answer) {
    return assertInstanceOf(Answer.Pending.class, answer, answer.toString()).detail();
  }

  @Test
  void sendsTheDocumentedBodyUnderItsId() {
    assertEquals(new Answer.Accepted(), answered(call()));

    Receiver.Received received = receiver.received.getFirst();
    assertEquals("/lock?team=a", received.path());
    assertEquals(HookBody.json(call()).toString(), received.body());
    assertEquals("\"id-1\"", received.header("Idempotency-key"));
    assertEquals("application/json", received.header("Content-type"));
    assertEquals("mtls-migration/test", received.header("User-agent"));
    assertEquals("127.0.0.1:" + receiver.port(), received.header("Host"));
    assertEquals(List.of("BEFORE_LOCK ACCEPTED"), metered);
  }

  @Test
  void answersAtOnceWhileTheReceiverThinks() throws InterruptedException {
    CountDownLatch thinking = new CountDownLatch(1);
    CountDownLatch asked = new CountDownLatch(1);
    receiver.handles(
        exchange -> {
          asked.countDown();
          try {
            thinking.await(5, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          Receiver.answer(exchange, 200, "text/plain", "");
        });

    Answer first = hooks.ask(call());
    assertTrue(asked.await(5, TimeUnit.SECONDS));
    Answer second = hooks.ask(call());
    thinking.countDown();

    assertEquals("127.0.0.1:" + receiver.port() + " has been asked", pending(first));
    assertEquals(first, second);
    await().atMost(Duration.ofSeconds(5)).until(() -> hooks.ask(call()) instanceof Answer.Accepted);
    assertEquals(1, receiver.received.size());
  }

  @Test
  void doesNotLetThePlanOfOneAuthorTakeAllTurns() throws IOException {
    CountDownLatch ends = new CountDownLatch(1);
    List<Receiver> hanging = List.of(new Receiver(null), new Receiver(null));
    for (Receiver one : hanging) {
      one.handles(
          exchange -> {
            try {
              ends.await(5, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      for (int i = 0; i < 5; i++) {
        hooks.ask(HookCalls.ofPlan("greedy", one.url("/"), one.port() + "-" + i));
      }
    }
    await().atMost(Duration.ofSeconds(2)).until(() -> hooks.running() >= 4);

    hooks.ask(call());

    await().atMost(Duration.ofSeconds(2)).until(() -> hooks.ask(call()) instanceof Answer.Accepted);
    ends.countDown();
    hanging.forEach(Receiver::close);
  }

  @Test
  void asksAgainAfterFailuresUnderTheSameId() {
    receiver.answers(500, "text/plain", "boom\n");
    String said = pending(answered(call()));
    assertTrue(said.contains("HTTP 500: boom (since 2026-06-01T09:00:00Z)"), said);
    hooks.ask(call());
    assertEquals(1, receiver.received.size(), "asked again without a pause");

    receiver.answers(204, "text/plain", "");
    clock.advance(Duration.ofSeconds(1));
    assertEquals(new Answer.Accepted(), answered(call()));

    assertEquals(
        List.of("\"id-1\"", "\"id-1\""),
        receiver.received.stream().map(r -> r.header("Idempotency-key")).toList());
    assertEquals(List.of("BEFORE_LOCK FAILED", "BEFORE_LOCK ACCEPTED"), metered);
  }

  @Test
  void asksThoseAgainThatHaveRefused() {
    receiver.answers(
        403,
        "application/problem+json; charset=utf-8",
        "{\"title\":\"Forbidden\",\"detail\":\"change freeze\\nuntil Monday\"}");
    Answer refused = answered(call());
    assertEquals(
        new Answer.Refused(
            "127.0.0.1:" + receiver.port() + ": HTTP 403: change freeze until Monday"),
        refused);

    receiver.answers(200, "text/plain", "");
    clock.advance(Duration.ofSeconds(20));

    assertEquals(new Answer.Accepted(), answered(call()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          408 | text/plain               | later         | pending | HTTP 408: later
          429 | text/plain               | later         | pending | HTTP 429: later
          302 | text/plain               |               | pending | redirects are not followed
          503 | text/html                | <b>down</b>   | pending | HTTP 503 (since
          404 | text/html                | <b>where</b>  | refused | HTTP 404
          400 | application/json         | {"title":"t"} | refused | HTTP 400: t
          400 | application/problem+json | {"detail":5}  | refused | HTTP 400
          400 | application/problem+json | {"detail":"  | refused | HTTP 400
          400 | application/json         |               | refused | HTTP 400
          """)
  void readsWhatTheReceiverMeans(
      int status, String type, @Nullable String body, String kind, String words) {
    receiver.answers(status, type, body == null ? "" : body);

    Answer answer = answered(call());

    String detail =
        switch (answer) {
          case Answer.Accepted() -> fail("accepted");
          case Answer.Refused(var refusal) -> refusal;
          case Answer.Pending(var problem) -> problem;
        };
    assertEquals(kind.equals("refused"), answer instanceof Answer.Refused, answer.toString());
    assertTrue(detail.contains(words), detail);
    assertFalse(detail.contains("<b>"), detail);
  }

  @Test
  void doesNotFollowARedirect() throws IOException {
    try (Receiver other = new Receiver(null)) {
      receiver.handles(
          exchange -> {
            exchange.getResponseHeaders().add("Location", other.url("/secret"));
            Receiver.answer(exchange, 307, "text/plain", "");
          });

      pending(answered(call()));

      assertEquals(0, other.received.size());
    }
  }

  @Test
  void readsNoMoreOfABodyThanItShows() {
    AtomicInteger sent = new AtomicInteger();
    receiver.handles(
        exchange -> {
          exchange.getResponseHeaders().add("Content-Type", "text/plain");
          exchange.sendResponseHeaders(403, 0);
          byte[] block = "no ".repeat(4096).getBytes(java.nio.charset.StandardCharsets.UTF_8);
          try {
            for (int i = 0; i < 20_000; i++) {
              exchange.getResponseBody().write(block);
              sent.incrementAndGet();
            }
          } finally {
            exchange.close();
          }
        });

    Answer answer = answered(call());

    String detail = assertInstanceOf(Answer.Refused.class, answer).detail();
    assertTrue(detail.length() < 400, () -> detail.length() + " characters");
    assertTrue(sent.get() < 20_000, "the whole body was taken");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void waitsNoLongerThanItsTimeout(boolean withHead) {
    CountDownLatch end = new CountDownLatch(1);
    receiver.handles(
        exchange -> {
          if (withHead) {
            exchange.sendResponseHeaders(200, 10);
            exchange.getResponseBody().write('a');
            exchange.getResponseBody().flush();
          }
          try {
            end.await(10, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          exchange.close();
        });

    String said = pending(answered(call()));
    end.countDown();

    assertTrue(said.contains("has not answered within 4000 ms"), said);
  }

  @Test
  void saysThatNobodyListens() {
    String url = "http://127.0.0.1:%d/".formatted(FreePort.next());

    String said = pending(answered(HookCalls.before(url, "id-2")));

    assertTrue(said.contains("no connection to 127.0.0.1"), said);
  }

  @Test
  void saysThatANameIsUnknown() {
    replaced(
        hooks(
            LOOPBACK,
            List.of(),
            null,
            host -> {
              throw new java.net.UnknownHostException(host);
            }));

    String said = pending(answered(HookCalls.before("http://hook.test/", "id-3")));

    assertTrue(said.startsWith("hook.test: its name is not known to DNS"), said);
  }

  @Test
  void waitsForDnsNoLongerThanItsTimeout() throws InterruptedException {
    CountDownLatch end = new CountDownLatch(1);
    replaced(
        hooks(
            LOOPBACK,
            List.of(),
            null,
            host -> {
              try {
                end.await(30, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              return NameLookup.ofTheMachine("127.0.0.1");
            }));

    String said = pending(answered(HookCalls.before("http://hook.test/", "id-8")));
    end.countDown();

    assertTrue(said.startsWith("hook.test: has not answered within 4000 ms"), said);
    assertEquals(0, hooks.running());
  }

  private static NameLookup leadsTo(String... addresses) {
    return host -> {
      List<InetAddress> all = new ArrayList<>();
      for (String address : addresses) {
        byte[] bytes = InetAddress.getByName(address).getAddress();
        all.add(InetAddress.getByAddress(host, bytes));
      }
      return all;
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "169.254.169.254", "fe80::1", "fd00:ec2::254", "0.0.0.0"})
  void connectsToNoClosedAddressWhateverTheNameSays(String address) {
    replaced(hooks(HookTargets.PUBLIC, List.of(), null, leadsTo(address)));

    String said =
        pending(answered(HookCalls.before("http://hook.test:" + receiver.port() + "/", "id-4")));

    assertTrue(said.contains("is not called: "), said);
    assertTrue(said.contains("mtls-migration.hooks.allow"), said);
    assertEquals(0, receiver.received.size());
    assertEquals(List.of("BEFORE_LOCK CLOSED"), metered);
  }

  @Test
  void connectsToTheAddressThatWasJudgedUnderTheNameThatWasAskedFor() {
    // hook.test is in no DNS: whoever looked it up once more would not get through.
    replaced(hooks(LOOPBACK, List.of(), null, leadsTo("169.254.169.254", "127.0.0.1")));

    Answer answer = answered(HookCalls.before("http://hook.test:" + receiver.port() + "/", "id-5"));

    assertEquals(new Answer.Accepted(), answer);
    assertEquals("hook.test:" + receiver.port(), receiver.received.getFirst().header("Host"));
  }

  @Test
  void judgesANameAnewForEachCall() {
    List<String> answers = new ArrayList<>(List.of("127.0.0.1", "169.254.169.254"));
    replaced(
        hooks(LOOPBACK, List.of(), null, host -> leadsTo(answers.removeFirst()).addresses(host)));
    HookCall call = HookCalls.before("http://hook.test:" + receiver.port() + "/", "id-6");
    receiver.answers(500, "text/plain", "");
    pending(answered(call));
    clock.advance(Duration.ofSeconds(1));

    String said = pending(answered(call));

    assertTrue(said.contains("link-local"), said);
    assertEquals(1, receiver.received.size());
  }

  @Test
  void triesTheNextAddressWhenOneCannotBeReached() throws IOException {
    replaced(
        hooks(
            HookTargets.allowing(List.of("127.0.0.0/8")),
            List.of(),
            null,
            leadsTo("127.0.0.9", "127.0.0.1")));

    Answer answer = answered(HookCalls.before("http://hook.test:" + receiver.port() + "/", "id-7"));

    assertEquals(new Answer.Accepted(), answer);
  }

  @Test
  void showsCredentialsToTheirReceiverOnlyAndNobodyElse() {
    HookReceiver known =
        new HookReceiver(
            URI.create(receiver.url("/lock")),
            () -> "Bearer s3cret-token",
            Map.of("X-Team", "platform"));
    replaced(hooks(LOOPBACK, List.of(known)));

    answered(call());
    answered(HookCalls.before(receiver.url("/lockpick"), "id-8"));
    answered(HookCalls.before(receiver.url("/lock/../other"), "id-9"));

    assertEquals("Bearer s3cret-token", receiver.received.getFirst().header("Authorization"));
    assertEquals("platform", receiver.received.getFirst().header("X-team"));
    assertEquals("", receiver.received.get(1).header("Authorization"));
    assertEquals("", receiver.received.get(2).header("Authorization"));
  }

  @Test
  void doesNotShowATokenThatTheReceiverRepeats() {
    HookReceiver known =
        new HookReceiver(URI.create(receiver.url("/lock")), () -> "Bearer s3cret-token", Map.of());
    replaced(hooks(LOOPBACK, List.of(known)));
    receiver.answers(401, "text/plain", "s3cret-token is not valid");

    String detail = assertInstanceOf(Answer.Refused.class, answered(call())).detail();

    assertTrue(detail.endsWith("HTTP 401: *** is not valid"), detail);
  }

  @Test
  void doesNotShowThePhraseThatTheReceiverRepeats() {
    HookReceiver known =
        new HookReceiver(
            URI.create(receiver.url("/lock")), null, Map.of("X-Phrase", "correct horse battery"));
    replaced(hooks(LOOPBACK, List.of(known)));
    receiver.answers(401, "text/plain", "correct horse battery is wrong");

    String detail = assertInstanceOf(Answer.Refused.class, answered(call())).detail();

    assertTrue(detail.endsWith("HTTP 401: *** is wrong"), detail);
  }

  @Test
  void believesOnlyTheCertificateOfTheName() throws Exception {
    TestCertificate certificate = TestCertificate.of("hook.test");
    try (Receiver secure = new Receiver(certificate.server())) {
      String rest = ":" + secure.port() + "/";
      replaced(hooks(LOOPBACK, List.of(), certificate.trust(), leadsTo("127.0.0.1")));
      assertEquals(
          new Answer.Accepted(), answered(HookCalls.before("https://hook.test" + rest, "a")));
      String other = pending(answered(HookCalls.before("https://other.test" + rest, "b")));
      replaced(hooks(LOOPBACK, List.of(), null, leadsTo("127.0.0.1")));
      String untrusted = pending(answered(HookCalls.before("https://hook.test" + rest, "c")));

      assertTrue(other.contains("no connection"), other);
      assertTrue(untrusted.contains("no connection"), untrusted);
      assertEquals(1, secure.received.size());
    }
  }

  @Test
  void callsABoundedNumberAtOnceAndLeavesTurnsToOthers() throws IOException {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    receiver.handles(
        exchange -> {
          most.accumulateAndGet(now.incrementAndGet(), Math::max);
          try {
            TimeUnit.MILLISECONDS.sleep(400);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          now.decrementAndGet();
          Receiver.answer(exchange, 200, "text/plain", "");
        });
    for (int i = 0; i < 30; i++) {
      hooks.ask(HookCalls.before(receiver.url("/"), "slow-" + i));
    }
    try (Receiver quick = new Receiver(null)) {
      HookCall other = HookCalls.before(quick.url("/"), "quick");
      hooks.ask(other);

      await()
          .atMost(Duration.ofSeconds(2))
          .until(() -> hooks.ask(other) instanceof Answer.Accepted);
    }
    assertTrue(receiver.received.size() < 30, "the slow ones were all done");
    assertTrue(most.get() <= 4, most + " at once");
  }

  @Test
  void tellsUntilItIsTaken() {
    HookCall call = HookCalls.after(receiver.url("/locked"), "n-1");
    receiver.answers(404, "text/plain", "not yet");
    assertEquals(
        new Delivery.Pending("127.0.0.1:" + receiver.port() + ": refuses: HTTP 404: not yet"),
        told(call));
    receiver.answers(202, "text/plain", "");
    clock.advance(Duration.ofSeconds(20));

    assertEquals(new Delivery.Delivered(), told(call));
    assertEquals(List.of("AFTER_LOCK REFUSED", "AFTER_LOCK ACCEPTED"), metered);
    assertEquals(PlanSpec.Hook.When.AFTER_LOCK, call.hook().when());
  }

  @Test
  void givesUpTellingAfterADay() {
    HookCall call = HookCalls.after(receiver.url("/locked"), "n-2");
    receiver.answers(500, "text/plain", "");
    told(call);
    clock.advance(Duration.ofHours(25));

    Delivery last = told(call);

    assertInstanceOf(Delivery.Failed.class, last);
  }

  private Delivery told(HookCall call) {
    int before = metered.size();
    hooks.tell(call);
    await().atMost(Duration.ofSeconds(5)).until(() -> metered.size() > before);
    return hooks.tell(call);
  }

  @Test
  void looksALiteralUpLikeAName() {
    answered(call());

    assertEquals(List.of("127.0.0.1"), lookedUp);
  }
}
