// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.inventory;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mtlsmigration.kubernetes.inventory.ObjectDecoder.Event;
import io.mtlsmigration.kubernetes.inventory.ObjectDecoder.Page;
import io.mtlsmigration.manifest.ObjectReader;
import io.mtlsmigration.manifest.ObjectReading;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Unreadable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Keeps all objects of one kind in step with the API server: lists them, then watches, and resumes
 * the watch from its last resourceVersion when a connection ends. Objects are listed again only
 * when the server no longer knows that version or was silent twice; objects missing from the new
 * list are then dropped. An interrupted list resumes at the page that did not arrive.
 *
 * @param <T> the facts of one object
 */
final class Reflector<T> implements Runnable {

  private static final int TOO_MANY_REQUESTS = 429;

  private static final Logger LOG = Logger.getLogger(Reflector.class);

  /** The longest pause between attempts to reach a server that does not answer. */
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  /** The pause after a refusal, which lasts until somebody grants or installs something. */
  private static final Duration REFUSED_PAUSE = Duration.ofSeconds(15);

  /** The pause before the next watch when the server has cut one short. */
  private static final Duration AT_LEAST = Duration.ofMillis(500);

  /** The tolerance by which a watch may end early and still count as having lasted its period. */
  private static final Duration EARLY = Duration.ofMillis(500);

  /**
   * The delay within which the server delivers: whatever happened this long before an event, or the
   * end of a watch, has been sent on it.
   */
  private static final Duration DELIVERY = Duration.ofSeconds(5);

  private final WatchedKind<T> kind;
  private final KindFreshness source;
  private final ApiReader api;
  private final FactStore store;
  private final Clock clock;
  private final InventoryOptions options;
  private final ObjectReader objects;
  private final Backoff backoff = new Backoff();

  /** The version at which the next watch begins; empty when a list is needed first. */
  private String resourceVersion = "";

  /** A list in progress. */
  private @Nullable Listing listing;

  private String version;

  /** Whether the last watch ended with what the server could not send. */
  private boolean unsent;

  private boolean silent;

  Reflector(
      WatchedKind<T> kind,
      KindFreshness source,
      ApiReader api,
      FactStore store,
      Clock clock,
      InventoryOptions options) {
    this.kind = kind;
    this.source = source;
    this.api = api;
    this.store = store;
    this.clock = clock;
    this.options = options;
    this.objects = new ObjectReader(clock.instant(), options.personManagers());
    this.version = kind.resource().versions().get(0);
  }

  /** Runs until the thread is interrupted. */
  @Override
  public void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        Thread.sleep(attempt());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Makes one list, if needed, and one watch; returns the pause before the next attempt. */
  private Duration attempt() throws InterruptedException {
    try {
      if (resourceVersion.isEmpty() && !list()) {
        return options.watchPeriod(); // as often as installed kinds report
      }
      return watch();
    } catch (ApiRefusal e) {
      return refused(e);
    } catch (SocketTimeoutException e) {
      return silent(e);
    } catch (InterruptedIOException e) {
      throw (InterruptedException) new InterruptedException().initCause(e);
    } catch (IOException e) {
      return failed(e.getMessage());
    } catch (RuntimeException | Error e) {
      // A defect of this code, or no memory. The facts may be wrong now, so they are read again.
      LOG.errorf(e, "Reading a kind died and is tried again kind=%s", kind);
      anew();
      return failed(e.toString());
    }
  }

  /** Lists the kind. Returns false for an optional kind that is not installed: it has none. */
  private boolean list() throws IOException, InterruptedException {
    Instant begun = clock.instant();
    for (String candidate : kind.resource().versions()) {
      try {
        list(candidate);
        version = candidate;
        return true;
      } catch (ApiRefusal e) {
        if (!e.unknown()) {
          throw e;
        }
        listing = null;
      }
    }
    if (kind.resource().optional()) {
      store.keys(kind).forEach(key -> store.remove(kind, key));
      known(begun);
      return false;
    }
    throw new ApiRefusal(404, "the server serves no " + kind);
  }

  private void list(String candidate) throws IOException, InterruptedException {
    Listing known = listing;
    Listing going =
        known != null && known.candidate.equals(candidate) && !known.next.isEmpty()
            ? known
            : new Listing(candidate, clock.instant(), store.keys(kind));
    listing = going;
    String apiVersion = kind.resource().apiVersion(candidate);
    Page page;
    do {
      page =
          api.list(
              path(candidate),
              going.next,
              kind.unread(),
              object -> going.gone.remove(put(object, apiVersion)));
      going.next = page.next();
    } while (!going.next.isEmpty());
    listing = null;
    going.gone.forEach(key -> store.remove(kind, key));
    resourceVersion = page.resourceVersion();
    known(going.begun);
  }

  /** The progress of a list. All its pages show the state at the time it began. */
  private static final class Listing {
    private final String candidate;
    private final Instant begun;

    /** Objects known before that the list has not contained so far. */
    private final Set<FactStore.Key> gone;

    /** The token of the next page; empty for the first. */
    private String next = "";

    Listing(String candidate, Instant begun, Set<FactStore.Key> gone) {
      this.candidate = candidate;
      this.begun = begun;
      this.gone = gone;
    }
  }

  private void anew() {
    resourceVersion = "";
    listing = null;
  }

  /** Watches until the server ends it. */
  private Duration watch() throws IOException, InterruptedException {
    Instant begun = clock.instant();
    String apiVersion = kind.resource().apiVersion(version);
    try (WatchStream events = api.watch(path(version), resourceVersion)) {
      Instant opened = clock.instant();
      answered();
      Optional<String> event = events.next(options.silence());
      while (event.isPresent()) {
        apply(ObjectDecoder.event(event.get(), kind.unread()), apiVersion);
        heard();
        // An event does not carry its time: on a slow stream, what came before it is as late. And
        // first comes what has happened since the last watch, of which more may be on its way.
        Instant asOf = delivered(begun);
        if (!asOf.isBefore(opened)) {
          source.completeAsOf(asOf);
        }
        event = events.next(options.silence());
      }
    }
    Instant ended = clock.instant();
    if (Duration.between(begun, ended).compareTo(options.watchPeriod().minus(EARLY)) < 0) {
      // Cut short: the server may have had events that it did not send; the next watch gets them.
      return AT_LEAST;
    }
    // A kind that nobody changes gets not even bookmarks; the watch's end in time is the proof.
    known(delivered(begun));
    return Duration.ZERO;
  }

  /**
   * Returns by when everything had happened that a watch has sent by now. Nothing is sent after its
   * period, however late this process reads it, which may have stood still.
   */
  private Instant delivered(Instant begun) {
    Instant now = clock.instant();
    Instant end = begun.plus(options.watchPeriod());
    return (now.isBefore(end) ? now : end).minus(DELIVERY);
  }

  private void apply(Event event, String apiVersion) throws IOException {
    switch (event.type()) {
      case "ADDED", "MODIFIED" -> put((ObjectNode) event.object(), apiVersion);
      case "DELETED" -> store.remove(kind, key(event.object()));
      case "BOOKMARK" -> {}
      case "ERROR" -> {
        ApiRefusal refusal =
            new ApiRefusal(
                event.object().path("code").asInt(500),
                event.object().path("message").asText("the watch failed"));
        unsent = refusal.code() != TOO_MANY_REQUESTS && !refusal.gone();
        throw refusal;
      }
      default -> throw new IOException("an event of unknown type: " + event.type());
    }
    resourceVersion = event.object().path("metadata").path("resourceVersion").asText("");
  }

  private FactStore.Key put(ObjectNode object, String apiVersion) {
    FactStore.Key key = key(object);
    if (kind.counts(object)) {
      if (!object.has("kind")) { // in lists the server leaves both out, except for CRDs
        object.put("kind", kind.resource().kind());
        object.put("apiVersion", apiVersion);
      }
      store.put(kind, key, read(object, key));
    } else {
      store.remove(kind, key);
    }
    return key;
  }

  /**
   * Reads an object. One that no reader was prepared for blocks where it is, like one that cannot
   * be read: it would keep all others of its kind from being read, for ever.
   */
  private ObjectReading<T> read(ObjectNode object, FactStore.Key key) {
    try {
      return kind.read(objects, object);
    } catch (RuntimeException | StackOverflowError e) {
      LOG.errorf(
          e,
          "Reading an object died kind=%s namespace=%s name=%s",
          kind,
          key.namespace(),
          key.name());
      String namespace = WatchedKinds.NAMESPACES.equals(kind) ? "" : key.namespace();
      ObjectRef ref = new ObjectRef(kind.resource().kind(), namespace, key.name());
      return new ObjectReading.NotUnderstood<>(
          List.of(new Unreadable(ref, "", "reading it died: " + e.getClass().getSimpleName())));
    }
  }

  private FactStore.Key key(JsonNode object) {
    JsonNode metadata = object.path("metadata");
    String name = metadata.path("name").asText("");
    // A Namespace is stored with its contents, other cluster-scoped objects under "".
    String outside = WatchedKinds.NAMESPACES.equals(kind) ? name : FactStore.CLUSTER;
    return new FactStore.Key(metadata.path("namespace").asText(outside), name);
  }

  private String path(String candidate) {
    return kind.resource()
        .path(candidate, kind.onlyIstioNamespace() ? options.istioNamespace() : "");
  }

  private void answered() {
    if (!source.problem().isEmpty()) {
      LOG.infof("A kind can be read again kind=%s", kind);
    }
    source.answered();
  }

  private void known(Instant asOf) {
    heard();
    source.completeAsOf(asOf);
  }

  private void heard() {
    answered();
    backoff.reset();
    silent = false;
  }

  private Duration refused(ApiRefusal refusal) {
    if (unsent) {
      // What the server cannot send, it cannot send the next time: only a list passes it. Each that
      // succeeds ends the pauses, and of a large kind it must not be made all the time.
      unsent = false;
      anew();
      failed(answers(refusal));
      return LONGEST_PAUSE;
    }
    if (refusal.gone()) {
      LOG.infof("The server no longer knows where the watch was; listing anew kind=%s", kind);
      anew();
      return backoff.next(LONGEST_PAUSE);
    }
    if (refusal.unknown()) {
      anew(); // another version may be served by now
      if (kind.resource().optional()) {
        return backoff.next(LONGEST_PAUSE); // or none at all: the next list finds out
      }
    }
    if (!refusal.forbidden() && !refusal.unknown()) {
      return failed(answers(refusal));
    }
    tell(ReadRemedies.of(kind, options, refusal));
    source.refused(ReadRemedies.of(kind, options, refusal));
    return backoff.next(REFUSED_PAUSE);
  }

  private static String answers(ApiRefusal refusal) {
    return "the API server answers " + refusal.code() + ": " + refusal.getMessage();
  }

  /**
   * Handles a silent watch. The first time the resourceVersion is kept; the second time the kind is
   * listed anew, since the server may have lost it.
   */
  private Duration silent(SocketTimeoutException timeout) {
    if (silent) {
      anew();
    }
    silent = !silent;
    return failed(timeout.getMessage());
  }

  private Duration failed(@Nullable String reason) {
    String problem = kind + " cannot be read: " + reason;
    tell(problem);
    source.failed(problem);
    return backoff.next(LONGEST_PAUSE);
  }

  private void tell(String problem) {
    if (source.problem().isEmpty()) {
      LOG.warnf(
          "A kind cannot be read; the facts stay as they are kind=%s reason=%s", kind, problem);
    }
  }
}
