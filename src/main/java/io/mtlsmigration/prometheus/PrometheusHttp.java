// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The required part of Prometheus' HTTP API (prometheus docs, querying/api.md). Blocks; a server
 * that is down is a result, never an exception.
 */
final class PrometheusHttp implements PrometheusApi, AutoCloseable {

  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final int EXCERPT = 200;

  /** Timeouts that a whole answer may take; its head has one, and large meshes long bodies. */
  private static final int WHOLE = 3;

  /** The tolerance between the clocks; NTP keeps them closer, and answers travel fast. */
  private static final Duration MOST_APART = Duration.ofMinutes(1);

  /** Room for the call graph of a large mesh, of some hundred thousand series. */
  private static final long MAX_BYTES = 256L << 20;

  /**
   * The share of the heap that an answer may be: it arrives in pieces, is put together, and read
   * into objects that are as large, and two may do so at a time. Any pod that is scraped may make
   * an answer longer; one that is too long holds the gates, and ends no process.
   */
  private static final int SHARE = 8;

  /**
   * Prometheus' status of an expression that cannot be executed, such as one beyond max-samples.
   */
  private static final int TOO_MANY_SAMPLES = 422;

  /** What VictoriaMetrics takes by default (-search.maxQueryLen); it answers 422, too. */
  private static final int LONG = 16_384;

  private final PrometheusOptions options;
  private final QueryMeter meter;
  private final HttpClient http;
  private final ObjectMapper json = new ObjectMapper();
  private final int maxBytes;

  PrometheusHttp(PrometheusOptions options, QueryMeter meter) {
    this(options, meter, maxBytes(Runtime.getRuntime().maxMemory()));
  }

  static int maxBytes(long heap) {
    return (int) Math.min(MAX_BYTES, heap / SHARE);
  }

  /**
   * The same.
   *
   * @param maxBytes of an answer; a longer one is none
   */
  PrometheusHttp(PrometheusOptions options, QueryMeter meter, int maxBytes) {
    this.options = options;
    this.maxBytes = maxBytes;
    this.meter = meter;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .connectTimeout(options.timeout())
            // A redirect would carry the token to another host.
            .followRedirects(HttpClient.Redirect.NEVER);
    if (options.tls() != null) {
      builder.sslContext(options.tls());
    }
    this.http = builder.build();
  }

  @Override
  public QueryResult query(PromQuery query, Duration window, Instant at) {
    return query(query, ScrapeTargets.ALL, window, at);
  }

  @Override
  public QueryResult query(PromQuery query, ScrapeTargets targets, Duration window, Instant at) {
    return asked(query, about -> query.over(window, about), targets, at);
  }

  @Override
  public QueryResult query(
      PromQuery query, ScrapeTargets targets, Duration lag, Duration window, Instant at) {
    return asked(query, about -> query.over(window, about, lag), targets, at);
  }

  /** Names the targets, unless the server refuses so long a query: then it is about all of them. */
  private QueryResult asked(
      PromQuery query, Function<ScrapeTargets, String> text, ScrapeTargets targets, Instant at) {
    String named = text.apply(targets);
    QueryResult told = asked(query, named, at);
    boolean refused = told instanceof QueryResult.Failed(var detail, var large) && large;
    return refused && named.length() > LONG
        ? asked(query, text.apply(ScrapeTargets.ALL), at)
        : told;
  }

  @Override
  public QueryResult query(PromQuery query, String namespaces, Duration window, Instant at) {
    return asked(query, query.over(window, namespaces), at);
  }

  private QueryResult asked(PromQuery query, String text, Instant at) {
    Map<String, String> form = new LinkedHashMap<>();
    form.put("query", text);
    form.put("time", seconds(at));
    return metered(query, () -> ask("query", form));
  }

  @Override
  public QueryResult range(PromQuery query, Instant from, Instant to, Duration step) {
    return asked(query, query.over(step), from, to, step);
  }

  @Override
  public QueryResult range(
      PromQuery query, String namespaces, Instant from, Instant to, Duration step) {
    return asked(query, query.over(step, namespaces), from, to, step);
  }

  private QueryResult asked(PromQuery query, String text, Instant from, Instant to, Duration step) {
    Map<String, String> form = new LinkedHashMap<>();
    form.put("query", text);
    form.put("start", seconds(from));
    form.put("end", seconds(to));
    form.put("step", Long.toString(Math.max(1, step.toSeconds())));
    return metered(query, () -> ask("query_range", form));
  }

  private QueryResult metered(PromQuery query, Supplier<QueryResult> asked) {
    return meter.query(
        query.file(),
        asked,
        result -> result instanceof QueryResult.Failed(var detail, var large) ? detail : "");
  }

  @Override
  public Optional<Duration> retention() {
    URI uri = URI.create(stripped(options.url().toString()) + "/api/v1/status/runtimeinfo");
    try {
      HttpResponse<byte[]> response = send(headed(uri).GET().build());
      if (response.statusCode() != 200) {
        return Optional.empty();
      }
      JsonNode data = json.readTree(response.body()).path("data");
      return Retention.of(data.path("storageRetention").asText());
    } catch (IOException | UncheckedIOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private static String seconds(Instant at) {
    return Long.toString(at.getEpochSecond());
  }

  private QueryResult ask(String endpoint, Map<String, String> form) {
    form.put("timeout", options.timeout().toSeconds() + "s");
    URI uri = URI.create(stripped(options.url().toString()) + "/api/v1/" + endpoint);
    Duration pause = FIRST_PAUSE;
    Attempt last = attempt(uri, form);
    for (int i = 0; i < options.retries() && last.again(); i++) {
      if (!sleep(pause)) {
        return new QueryResult.Failed("interrupted");
      }
      pause = pause.multipliedBy(2);
      last = attempt(uri, form);
    }
    return last.result();
  }

  private record Attempt(QueryResult result, boolean again) {
    static Attempt failed(String detail, boolean again) {
      return new Attempt(new QueryResult.Failed(detail), again);
    }

    static Attempt large(String detail) {
      return new Attempt(new QueryResult.Failed(detail, true), false);
    }
  }

  private Attempt attempt(URI uri, Map<String, String> form) {
    try {
      HttpResponse<byte[]> response = send(request(uri, form));
      int status = response.statusCode();
      if (status == 200) {
        String apart = clocksApart(response.headers(), options.clock().instant());
        return apart == null
            ? new Attempt(AnswerReader.read(response.body()), false)
            : Attempt.failed(apart, false);
      }
      String detail = "%s answered %d: %s".formatted(uri, status, excerpt(response.body()));
      return status == TOO_MANY_SAMPLES
          ? Attempt.large(detail)
          : Attempt.failed(detail, status == 429 || status >= 500);
    } catch (LimitedBody.TooLargeException e) {
      return Attempt.large(
          "%s answered %s: its metrics have too many labels, or this service too little memory"
              .formatted(uri, words(e)));
    } catch (IOException e) {
      return Attempt.failed("no answer from %s: %s".formatted(uri, words(e)), true);
    } catch (UncheckedIOException e) {
      return Attempt.failed(String.valueOf(e.getMessage()), false); // the token cannot be read
    } catch (NumberFormatException e) {
      return Attempt.failed(
          "%s answered what is no number: %s".formatted(uri, e.getMessage()), false);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Attempt.failed("interrupted", false);
    }
  }

  /**
   * Sends a request. The request's own timeout ends with the head of the answer (JDK-8208693):
   * without another one a server that stops within the body would block every reading forever.
   *
   * @throws IOException also when the answer is not complete in time
   */
  private HttpResponse<byte[]> send(HttpRequest request) throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> call =
        http.sendAsync(request, head -> new LimitedBody(maxBytes));
    Duration whole = options.timeout().multipliedBy(WHOLE);
    try {
      return call.get(whole.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new HttpTimeoutException(
          "the answer is not complete after " + whole.toSeconds() + " s");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } finally {
      call.cancel(true);
    }
  }

  /**
   * Checks that the clocks agree, since samples bear Prometheus' time. If our clock is behind,
   * evidence ends before the latest calls; if it is ahead, a window begins after them.
   *
   * @return null when the clocks agree, or the server does not send its time (RFC 9110, Date)
   */
  static @Nullable String clocksApart(HttpHeaders headers, Instant here) {
    Instant there;
    try {
      there =
          headers
              .firstValue("Date")
              .map(date -> Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date)))
              .orElse(here);
    } catch (DateTimeException e) {
      return null;
    }
    return Duration.between(there, here).abs().compareTo(MOST_APART) > 0
        ? "the clock here says %s and that of Prometheus %s: synchronize them, for evidence is read by time"
            .formatted(here, there)
        : null;
  }

  private HttpRequest request(URI uri, Map<String, String> form) {
    String body =
        form.entrySet().stream()
            .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    return headed(uri)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  private HttpRequest.Builder headed(URI uri) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri).timeout(options.timeout()).header("Accept", "application/json");
    options.headers().forEach(request::header);
    if (options.authorization() != null) {
      request.header("Authorization", options.authorization().get());
    }
    return request;
  }

  private static boolean sleep(Duration pause) {
    try {
      TimeUnit.MILLISECONDS.sleep(pause.toMillis());
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static String words(IOException e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }

  private static String excerpt(byte[] body) {
    String text = new String(body, StandardCharsets.UTF_8).strip();
    return text.length() > EXCERPT ? text.substring(0, EXCERPT) + "…" : text;
  }

  private static String stripped(String url) {
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  @Override
  public void close() {
    http.close();
  }
}
