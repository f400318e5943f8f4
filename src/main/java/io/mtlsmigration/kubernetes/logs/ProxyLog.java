// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.traffic.LineLoss;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The log of one proxy, read continuously, and the time for which it is known without a gap. Used
 * by one thread at a time.
 *
 * @param <L> the type taken from a line
 */
final class ProxyLog<L> {

  private static final Logger LOG = Logger.getLogger(ProxyLog.class);

  private static final String PROXY = "istio-proxy";

  /** The maximum number of bytes per request; a busier proxy's log is continued from there. */
  static final int MAX_BYTES = 1 << 20;

  /** The maximum number of requests in one reading. */
  private static final int AT_ONCE = 4;

  /** How long a failure is not reported: a kubelet may be busy, or a container about to start. */
  private static final Duration GRACE = Duration.ofSeconds(15);

  private static final int NOT_STARTED = 400;

  /**
   * The longest entry in characters. Envoy accepts 60 KiB of headers, and a refused client has sent
   * none: a longer entry reports no refusal, and is not parsed.
   */
  static final int LONGEST_LINE = 1 << 16;

  /** The time after its pod's creation within which a proxy writes its first line. */
  private static final Duration BORN = Duration.ofMinutes(2);

  /** How much a proxy's line may be late, or its node's clock behind once it was set right. */
  private static final Duration LATE = Duration.ofSeconds(5);

  /** Characters of an answer that is no log. */
  private static final int TOLD = 200;

  /** How often a last line may be read half; after that, its other half is lost. */
  private static final int TORN = 5;

  /** The number of bytes that contain the time of a line. */
  private static final int HEAD_BYTES = 256;

  /**
   * The number of bytes that contain the first line of a log; access logs seldom have longer ones.
   */
  private static final int BEGIN_BYTES = 4096;

  /** Takes the relevant part of an entry; empty for an irrelevant one. */
  @FunctionalInterface
  interface Taker<L> {
    Optional<L> take(LineFormat format, Instant at, String entry);

    /** Returns why an entry from which nothing was taken may still be relevant; empty if not. */
    default Optional<LineLoss> missed(LineFormat format, String entry) {
      return Optional.empty();
    }
  }

  /** Returns the text at a path; null when there is no such log. */
  private final Function<String, @Nullable String> source;

  private final Taker<L> taker;

  private final boolean thorough;

  /** Earlier lines are not asked for, or do not exist. */
  private Instant begun;

  /** The latest time from which on no line of each kind is missing. */
  private final Map<LineLoss, Instant> losses = new EnumMap<>(LineLoss.class);

  /** The time of the last line read, and below that of the previous reading. */
  private Instant upTo;

  private Instant before;

  /** The last line read, which comes first when the log is continued; null when there is none. */
  private @Nullable Instant anchor;

  /** The number of lines read that have this time; what follows them may have it, too. */
  private int anchored;

  /** True when it is continued after that line, so that the file has to be asked for it. */
  private boolean skipped;

  /** The time of the last reading that came to the end of the log. */
  private Instant caughtUp;

  /** True when the last line is later than any may be: the node's clock is ahead, or was. */
  private boolean ahead;

  /** The number of readings in a row that ended in the same half of a line. */
  private int torn;

  private @Nullable Instant asOf;
  private boolean unborn;
  private boolean ready;

  /** True when its file had no line at all when it was first read, and has had none since. */
  private boolean empty;

  /** True when the file is not known to be the first of its container. */
  private boolean later;

  private boolean speaks;
  private long taken;
  private int restarts;
  private Set<L> latest = Set.of();
  private @Nullable UnreadLog failure;
  private @Nullable Instant failingSince;

  /**
   * Creates a log that has not been read.
   *
   * @param thorough whether lines of a container before its restart are read, too, for which the
   *     last reading is kept
   * @param first earlier lines are not read
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
    this.caughtUp = first;
    this.restarts = 0;
    this.begun = proxy.createdAt().isBefore(first) ? first : Instant.EPOCH;
  }

  /** Returns the time from which on no line is missing. */
  Instant from() {
    return losses.values().stream()
        .filter(begun::isBefore)
        .max(Comparator.naturalOrder())
        .orElse(begun);
  }

  /** Returns the times from which on no line of each kind is missing. */
  Map<LineLoss, Instant> losses() {
    return losses;
  }

  private void lost(LineLoss kind, Instant until) {
    losses.merge(kind, until, (one, other) -> one.isAfter(other) ? one : other);
  }

  /** Notes that lines that were read, all from before a time, have not been taken. */
  void untaken(Instant until) {
    lost(LineLoss.HIDDEN, until);
  }

  /** Returns the time until which lines are known; null when none was ever read. */
  @Nullable Instant asOf() {
    return asOf;
  }

  /** Returns the time of the last reading that came to its end, or from which on it is read. */
  Instant caughtUp() {
    return caughtUp;
  }

  /** Returns whether its container, when it was last asked, had yet to write its first line. */
  boolean unborn() {
    return unborn;
  }

  /** Notes the state of its pod: one that was ready may have served, whatever its log said last. */
  void seen(Pod proxy) {
    ready |= proxy.ready();
  }

  /** Returns whether it cannot have written a line: its container never came to serve anybody. */
  boolean neverServed() {
    return unborn && !ready;
  }

  /** Returns whether any line was about a connection. */
  boolean speaks() {
    return speaks;
  }

  /** Returns the number of characters of the last reading. */
  long taken() {
    return taken;
  }

  /** Returns why it cannot be read; null while the failure may be temporary. */
  @Nullable UnreadLog failure(Instant now) {
    boolean brief = asOf != null && failingSince != null && now.isBefore(failingSince.plus(GRACE));
    return brief ? null : failure;
  }

  /** Reads the lines since the last reading. Blocks. */
  List<L> read(Pod proxy, LineFormat format, Instant now) {
    List<L> found = new ArrayList<>();
    Instant last = upTo;
    taken = 0;
    ahead = upTo.isAfter(now.plus(AddressHistory.SKEW));
    try {
      if (asOf == null) {
        begin(proxy, format, now);
      }
      boolean blank = asOf != null && anchor == null;
      if (thorough && proxy.proxyRestarts() > restarts) {
        ended(proxy, format, found, now);
        anotherFile(false);
      }
      boolean cutOff = true;
      for (int i = 0; i < AT_ONCE && cutOff; i++) {
        cutOff = chunk(proxy, format, found, now);
      }
      if (blank && (failingSince != null || (anchor != null && !first(proxy, format)))) {
        lost(LineLoss.NOT_KEPT, now); // a file of which nothing was read may have been another one
      }
      unborn = false;
      if (empty && (ready || anchor != null)) {
        empty = false;
        if (anchor == null) {
          // A proxy's agent writes before the proxy is ready: an earlier file had its lines.
          lost(LineLoss.NOT_KEPT, now);
          later = true;
        }
      }
      boolean whole = !cutOff && torn == 0;
      asOf = whole ? now : upTo;
      caughtUp = whole ? now : caughtUp;
      failure = null;
      failingSince = null;
    } catch (KubernetesClientException e) {
      failed(proxy, e, now);
    } catch (RuntimeException | Error e) {
      // Also of an error such as one of memory: what was read before it is not read again.
      LOG.warnf(e, "access log not understood pod=%s", proxy.ref());
      unborn = false;
      failure = UnreadLog.notUnderstood(proxy);
      failingSince = failingSince == null ? now : failingSince;
    }
    restarts = proxy.proxyRestarts();
    before = last;
    latest = thorough ? new HashSet<>(found) : Set.of();
    return found;
  }

  private void failed(Pod proxy, KubernetesClientException e, Instant now) {
    // Also answered of a container whose log is gone; but what was ready has written.
    if (asOf == null && e.getCode() == NOT_STARTED && !ready) {
      begun = Instant.EPOCH; // its container has yet to write its first line
      unborn = true;
      return;
    }
    unborn = false;
    LOG.debugf(e, "access log not readable pod=%s", proxy.ref());
    failure = UnreadLog.because(proxy, e);
    failingSince = failingSince == null ? now : failingSince;
  }

  /**
   * Finds where the log begins. A kubelet serves only the last file of a log: the content of
   * earlier files is unknown, and so are the lines of a container before its restart. The first
   * file begins with what the proxy's agent writes as it starts, and not with a connection.
   */
  private void begin(Pod proxy, LineFormat format, Instant now) {
    String begin = text(path(proxy, Instant.EPOCH, BEGIN_BYTES, false));
    Instant head = RefusalLine.time(begin).orElse(null);
    empty = head == null;
    Instant born = proxy.createdAt().plus(BORN);
    boolean first =
        unborn
            || (proxy.proxyRestarts() == 0
                && !(head == null ? now : head).isAfter(born)
                && !format.tellsOfAConnection(firstEntry(begin)));
    later = !first;
    if (head == null ? !first : head.isAfter(upTo) && !first) {
      lost(LineLoss.NOT_KEPT, head == null ? now : head);
    }
  }

  /**
   * Returns whether the file is known to be its container's first, as {@link #begin} tells them
   * apart.
   */
  private boolean first(Pod proxy, LineFormat format) {
    try {
      return !later
          && !format.tellsOfAConnection(
              firstEntry(text(path(proxy, Instant.EPOCH, BEGIN_BYTES, false))));
    } catch (KubernetesClientException e) {
      LOG.debugf(e, "the head of an access log is not readable pod=%s", proxy.ref());
      return false;
    }
  }

  private static String firstEntry(String log) {
    int end = log.indexOf('\n');
    return log.substring(log.indexOf(' ') + 1, end < 0 ? log.length() : end);
  }

  /**
   * What follows is told by another file, all of it new.
   *
   * @param rotated whether it is of the same container
   */
  private void anotherFile(boolean rotated) {
    later = rotated;
    anchor = null;
    speaks = false;
    upTo = since();
  }

  /**
   * Returns from when on lines are asked for. A clock that was ahead may have been set back, and
   * the next lines may have any time since the last reading.
   */
  private Instant since() {
    Instant written = caughtUp.minus(LATE);
    return ahead && written.isBefore(upTo) ? written : upTo;
  }

  /** Reads a part of the log; returns whether there is more. */
  private boolean chunk(Pod proxy, LineFormat format, List<L> found, Instant now) {
    Instant since = since();
    String log = text(path(proxy, since, MAX_BYTES, false));
    String rest = log.substring(log.lastIndexOf('\n') + 1);
    boolean cutOff = cutOff(log);
    boolean half = !cutOff && !rest.isEmpty();
    int read = skipped ? -1 : read(log);
    if (anchor != null && read < 0) {
      String begin = skipped ? text(path(proxy, anchor, HEAD_BYTES, false)) : log;
      Instant head = RefusalLine.time(begin).orElse(null);
      boolean missing = since.isBefore(upTo) && !skipped && !cutOff;
      if ((!half && (head == null || missing)) || (head != null && head.isAfter(anchor))) {
        // Another file: how the one before it ended is unknown. Told once. By our clock, for gaps
        // are compared with the times of locks, and the node's may be behind.
        lost(LineLoss.NOT_KEPT, now);
        anotherFile(true);
      }
    }
    boolean more = more(log, read, format, found);
    skipped &= !more;
    torn = half ? more ? 1 : torn + 1 : 0;
    if (cutOff && !more && since.isBefore(upTo)) {
      lost(LineLoss.NOT_KEPT, now); // too much to look for what a clock that was set back has dated
      ahead = false;
    } else if ((cutOff && !more) || torn > TORN) {
      skip(rest, cutOff ? LineLoss.FLOODED : LineLoss.NOT_KEPT);
      LOG.infof("a part of an access log cannot be read pod=%s flooded=%s", proxy.ref(), cutOff);
    }
    return cutOff;
  }

  /** Goes on after a line that cannot be read to its end. */
  private void skip(String rest, LineLoss kind) {
    anchor = anchor == null ? RefusalLine.time(rest).orElse(null) : anchor;
    upTo = past(rest, upTo);
    skipped = true;
    torn = 0;
    lost(kind, upTo);
  }

  /** Returns whether there may be more: the limit may fall between two lines. */
  private static boolean cutOff(String log) {
    return log.length() >= MAX_BYTES / 4 // a character takes up to four bytes
        && log.getBytes(StandardCharsets.UTF_8).length >= MAX_BYTES;
  }

  /**
   * Reads the last lines of the container that has ended. The kubelet keeps one ended container, so
   * a second restart in a row leaves a gap, as does a missing log.
   */
  private void ended(Pod proxy, LineFormat format, List<L> found, Instant now) {
    boolean known = asOf != null;
    // The next one began since the last reading; after a longer time its first file may be gone.
    boolean brief = failingSince == null && !caughtUp.plus(GRACE).isBefore(now);
    boolean complete = proxy.proxyRestarts() == restarts + 1 && !ahead && brief;
    try {
      String log = text(path(proxy, before, MAX_BYTES, true));
      List<L> last = new ArrayList<>();
      lines(log, before, format, last);
      last.removeAll(latest);
      found.addAll(last);
      boolean whole = anchor == null || !RefusalLine.time(log).orElse(now).isAfter(anchor);
      complete &= whole && !cutOff(log) && (log.isEmpty() || log.endsWith("\n"));
    } catch (KubernetesClientException e) {
      LOG.debugf(e, "what a container wrote last is gone pod=%s", proxy.ref());
      complete = false;
    }
    // The times of restarts before the first reading are unknown; nothing is claimed for these.
    if (known && !complete) {
      lost(LineLoss.NOT_KEPT, now);
    }
  }

  private String text(String path) {
    String log = source.apply(path);
    if (log == null) {
      throw new KubernetesClientException("not found", 404, null);
    }
    taken += log.length();
    if (!log.isEmpty() && log.lines().noneMatch(line -> RefusalLine.time(line).isPresent())) {
      // Some kubelets answer with an error's text, and with 200.
      String told = log.strip();
      throw new KubernetesClientException(told.substring(0, Math.min(TOLD, told.length())));
    }
    return log;
  }

  /**
   * Takes the lines after the last one read, in the order of the file: they may have its time, or
   * an earlier one when the node's clock was set back. Returns whether there were any.
   *
   * <p>sinceTime has whole seconds and is inclusive, so lines that were read already are repeated.
   *
   * @param read where those end, see {@link #read(String)}
   */
  private boolean more(String log, int read, LineFormat format, List<L> found) {
    Tail last =
        read < 0
            ? lines(log, upTo, format, found)
            : lines(log.substring(read), Instant.MIN, format, found);
    if (last == null) {
      return false;
    }
    boolean same = read >= 0 && last.all() && last.at().equals(anchor);
    anchored = same ? anchored + last.count() : last.count();
    anchor = last.at();
    upTo = last.at();
    return true;
  }

  /** Returns where the lines end that were read before; -1 when the last of them is not there. */
  private int read(String log) {
    int start = 0;
    int seen = 0;
    for (int end = log.indexOf('\n'); end >= 0 && anchor != null; end = log.indexOf('\n', start)) {
      seen +=
          RefusalLine.time(log.substring(start, end)).filter(anchor::equals).isPresent() ? 1 : 0;
      start = end + 1;
      if (seen == anchored) {
        return start;
      }
    }
    return -1;
  }

  /**
   * The last lines of the same time.
   *
   * @param all whether there were no others
   */
  private record Tail(Instant at, int count, boolean all) {
    static Tail of(Instant at, @Nullable Tail before) {
      return before != null && at.equals(before.at)
          ? new Tail(at, before.count + 1, before.all)
          : new Tail(at, 1, before == null);
    }
  }

  /** Takes whole lines that are later; returns the last of them, null when there are none. */
  private @Nullable Tail lines(String log, Instant since, LineFormat format, List<L> found) {
    Tail last = null;
    int start = 0;
    for (int end = log.indexOf('\n'); end >= 0; end = log.indexOf('\n', start)) {
      String line = log.substring(start, end);
      start = end + 1;
      Instant at = RefusalLine.time(line).orElse(null);
      if (at != null && at.isAfter(since)) {
        last = Tail.of(at, last);
        take(format, at, line.substring(line.indexOf(' ') + 1), found);
      }
    }
    return last;
  }

  /** Takes a line. One that fails to parse is lost and reported as a gap; the next are read. */
  private void take(LineFormat format, Instant at, String entry, List<L> found) {
    if (entry.length() > LONGEST_LINE) {
      taker.missed(format, entry).ifPresent(kind -> lost(kind, at));
      return;
    }
    try {
      speaks = speaks || format.tellsOfAConnection(entry);
      Optional<L> taken = taker.take(format, at, entry);
      taken.ifPresent(found::add);
      if (taken.isEmpty()) {
        taker.missed(format, entry).ifPresent(kind -> lost(kind, at));
      }
    } catch (RuntimeException | StackOverflowError e) {
      LOG.warnf(e, "a line of an access log was not understood at=%s", at);
      lost(LineLoss.HIDDEN, at);
    }
  }

  /** Asked for bare: fabric8's own getLog first lists and watches the pod until it is ready. */
  private static String path(Pod pod, Instant from, int bytes, boolean previous) {
    return "/api/v1/namespaces/"
        + pod.namespace()
        + "/pods/"
        + pod.name()
        + "/log?container="
        + PROXY
        + "&timestamps=true&sinceTime="
        + from
        + "&limitBytes="
        + bytes
        + (previous ? "&previous=true" : "");
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
