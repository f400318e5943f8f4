package io.mtlsmigration.kubernetes.logs;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.mtlsmigration.mesh.Pod;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The log of one proxy, read on and on, and what of it is known: since when without a gap, and
 * until when. Used by one thread at a time.
 *
 * @param <L> what is taken of a line
 */
final class ProxyLog<L> {

  private static final Logger LOG = Logger.getLogger(ProxyLog.class);

  private static final String PROXY = "istio-proxy";

  /** Of one log at once; a busier proxy is read from where this ends. */
  static final int MAX_BYTES = 1 << 20;

  /** So many times that in one reading. */
  private static final int AT_ONCE = 4;

  /** A kubelet may be busy, or a container be about to start: such a failure is not told yet. */
  private static final Duration GRACE = Duration.ofSeconds(15);

  private static final int NOT_STARTED = 400;

  /**
   * In characters. Envoy takes 60 KiB of headers, and whoever is refused has sent none of them: an
   * entry that is longer tells of no refusal, and is not read.
   */
  static final int LONGEST_LINE = 1 << 16;

  /** A proxy's first line comes as soon after its pod was made. */
  private static final Duration BORN = Duration.ofMinutes(2);

  /** Enough for the time of a line. */
  private static final int HEAD_BYTES = 256;

  /** What is taken of an entry; empty for what is of no interest. */
  @FunctionalInterface
  interface Taker<L> {
    Optional<L> take(LineFormat format, Instant at, String entry);

    /** Whether an entry of which nothing was taken may have told of what is asked. */
    default boolean missed(LineFormat format, String entry) {
      return false;
    }
  }

  /** Asked with a path; null when there is no such log. */
  private final Function<String, @Nullable String> source;

  private final Taker<L> taker;

  private final boolean thorough;

  private Instant from;

  /** When the last line that was read was written, and the same one reading before. */
  private Instant upTo;

  private Instant before;

  /** The line that was read last, which comes first when it is read on; null when none was. */
  private @Nullable Instant anchor;

  private @Nullable Instant asOf;
  private boolean unborn;
  private boolean speaks;
  private long taken;
  private int restarts;
  private Set<L> latest = Set.of();
  private @Nullable UnreadLog failure;
  private @Nullable Instant failingSince;

  /**
   * @param thorough whether what a container wrote before it was started again is read, too, for
   *     which the last reading is kept
   * @param first what was written before is not read
   */
  ProxyLog(
      Function<String, @Nullable String> source,
      Taker<L> taker,
      boolean thorough,
      Pod proxy,
      Instant first) {
    this.source = source;
    this.taker = taker;
    this.thorough = thorough;
    this.upTo = first;
    this.before = first;
    this.restarts = 0;
    this.from = proxy.createdAt().isBefore(first) ? first : Instant.EPOCH;
  }

  /** Nothing that was written from then on is missing. */
  Instant from() {
    return from;
  }

  /** What was written until then is known; null when nothing was ever read. */
  @Nullable Instant asOf() {
    return asOf;
  }

  /** Whether its container had yet to write its first line. */
  boolean unborn() {
    return unborn;
  }

  /** Whether any line told of a connection. */
  boolean speaks() {
    return speaks;
  }

  /** How many characters the last reading brought. */
  long taken() {
    return taken;
  }

  /** Why it cannot be read; null while that may pass by itself. */
  @Nullable UnreadLog failure(Instant now) {
    boolean brief = asOf != null && failingSince != null && now.isBefore(failingSince.plus(GRACE));
    return brief ? null : failure;
  }

  /** Reads what was written since the last time. Blocking. */
  List<L> read(Pod proxy, LineFormat format, Instant now) {
    List<L> found = new ArrayList<>();
    Instant begun = upTo;
    taken = 0;
    try {
      if (asOf == null) {
        begin(proxy, now);
      }
      if (thorough && proxy.proxyRestarts() > restarts) {
        ended(proxy, format, found, now);
        anchor = null; // the container that was started again writes into a file of its own
      }
      boolean cutOff = true;
      for (int i = 0; i < AT_ONCE && cutOff; i++) {
        cutOff = chunk(proxy, format, found, now);
      }
      unborn = false;
      asOf = cutOff ? upTo : now;
      failure = null;
      failingSince = null;
    } catch (KubernetesClientException e) {
      failed(proxy, e, now);
    } catch (RuntimeException e) {
      LOG.warnf(e, "access log not understood pod=%s", proxy.ref());
      failure = UnreadLog.notUnderstood(proxy);
      failingSince = failingSince == null ? now : failingSince;
    }
    restarts = proxy.proxyRestarts();
    before = begun;
    latest = thorough ? new HashSet<>(found) : Set.of();
    return found;
  }

  private void failed(Pod proxy, KubernetesClientException e, Instant now) {
    if (asOf == null && e.getCode() == NOT_STARTED) {
      from = Instant.EPOCH; // its container has yet to write its first line
      unborn = true;
      return;
    }
    LOG.debugf(e, "access log not readable pod=%s", proxy.ref());
    failure = UnreadLog.because(proxy, e);
    failingSince = failingSince == null ? now : failingSince;
  }

  /**
   * A kubelet gives out the last file of a log alone: what stood in those before is not known, nor
   * what a container wrote that was started again.
   */
  private void begin(Pod proxy, Instant now) {
    Instant head =
        RefusalLine.time(text(path(proxy, Instant.EPOCH, HEAD_BYTES, false))).orElse(null);
    Instant born = proxy.createdAt().plus(BORN);
    boolean first =
        unborn || (proxy.proxyRestarts() == 0 && !(head == null ? now : head).isAfter(born));
    if (head == null ? !first : head.isAfter(upTo) && !first) {
      from = head == null ? now : head;
    }
  }

  /** Whether there is more to read. */
  private boolean chunk(Pod proxy, LineFormat format, List<L> found, Instant now) {
    Instant since = upTo;
    String log = text(path(proxy, since, MAX_BYTES, false));
    String rest = log.substring(log.lastIndexOf('\n') + 1);
    if (anchor != null) {
      Instant head = RefusalLine.time(log).orElse(now);
      if (head.isAfter(anchor)) {
        from = head; // another file: how the one before it ended is not known
      }
    }
    upTo = lines(log, since, format, found);
    anchor = upTo.isAfter(since) ? upTo : anchor;
    if (!rest.isEmpty() && upTo.equals(since)) {
      upTo = past(rest, since);
      anchor = null;
      from = upTo;
      LOG.infof("access log is written faster than it is read pod=%s", proxy.ref());
    }
    return !rest.isEmpty();
  }

  /**
   * What the container that has ended wrote last. The kubelet keeps one that has ended, so a second
   * one in a row leaves a gap, as does a log that is gone.
   */
  private void ended(Pod proxy, LineFormat format, List<L> found, Instant now) {
    boolean known = asOf != null;
    boolean complete = proxy.proxyRestarts() == restarts + 1;
    try {
      String log = text(path(proxy, before, MAX_BYTES, true));
      List<L> last = new ArrayList<>();
      Instant unused = lines(log, before, format, last);
      last.removeAll(latest);
      found.addAll(last);
      boolean whole = anchor == null || !RefusalLine.time(log).orElse(now).isAfter(anchor);
      complete &= whole && (log.isEmpty() || log.endsWith("\n"));
    } catch (KubernetesClientException e) {
      LOG.debugf(e, "what a container wrote last is gone pod=%s", proxy.ref());
      complete = false;
    }
    // Of restarts before the first reading nobody knows when they were; nothing is claimed then.
    if (known && !complete) {
      from = now;
    }
  }

  private String text(String path) {
    String log = source.apply(path);
    if (log == null) {
      throw new KubernetesClientException("not found", 404, null);
    }
    taken += log.length();
    return log;
  }

  /** Takes whole lines; gives the time of the last one. */
  private Instant lines(String log, Instant since, LineFormat format, List<L> found) {
    Instant last = since;
    int start = 0;
    for (int end = log.indexOf('\n'); end >= 0; end = log.indexOf('\n', start)) {
      String line = log.substring(start, end);
      start = end + 1;
      Instant at = RefusalLine.time(line).orElse(null);
      // sinceTime is a whole second and inclusive: what was read already comes again.
      if (at != null && at.isAfter(since)) {
        last = at;
        take(format, at, line.substring(line.indexOf(' ') + 1), found);
      }
    }
    return last;
  }

  /** A line that stops its reader is lost, and said to be: what stands after it is read. */
  private void take(LineFormat format, Instant at, String entry, List<L> found) {
    if (entry.length() > LONGEST_LINE) {
      from = taker.missed(format, entry) ? at : from;
      return;
    }
    try {
      speaks = speaks || format.tellsOfAConnection(entry);
      Optional<L> taken = taker.take(format, at, entry);
      taken.ifPresent(found::add);
      from = taken.isEmpty() && taker.missed(format, entry) ? at : from;
    } catch (RuntimeException | StackOverflowError e) {
      LOG.warnf(e, "a line of an access log was not understood at=%s", at);
      from = at;
    }
  }

  /** Asked for bare: fabric8's own getLog first lists and watches the pod until it is ready. */
  private static String path(Pod pod, Instant from, int bytes, boolean previous) {
    return ("/api/v1/namespaces/%s/pods/%s/log?container=%s&timestamps=true&sinceTime=%s"
            + "&limitBytes=%d%s")
        .formatted(
            pod.namespace(), pod.name(), PROXY, from, bytes, previous ? "&previous=true" : "");
  }

  /**
   * Where to go on when a reading held nothing new before it was cut off. The line in which it ends
   * is lost then, or the rest of a second in which more is written than is read at once.
   */
  private static Instant past(String cutOff, Instant from) {
    return Optional.of(cutOff)
        .flatMap(RefusalLine::time)
        .filter(at -> at.isAfter(from))
        .orElseGet(() -> from.truncatedTo(ChronoUnit.SECONDS).plusSeconds(1));
  }
}
