// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.probe;

import io.mtlsmigration.probe.PortSpeech;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.probe.ProbeResult;
import io.mtlsmigration.probe.ProbeResult.Completed;
import io.mtlsmigration.probe.ProbeResult.Sign;
import io.mtlsmigration.text.TerminalText;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Parses the output of a {@link CurlCommand}: for each call the body, then a line that begins with
 * the mark. Keeps only the beginning of each body. Not thread-safe.
 */
final class CurlOutput {

  /** The number of bytes of a body that are kept. */
  static final int BODY = 256;

  private static final int LINE = 256;

  /** The last one, the server's name, may contain blanks. */
  private static final int FIELDS = 9;

  /** The name that a client's sidecar gives to each server, and to itself. */
  private static final String CLIENTS_PROXY = "envoy";

  /** The beginning of what curl says of a call that failed. */
  private static final String ERROR = "curl: (";

  private static final int UNSUPPORTED_PROTOCOL = 1;
  private static final int TIMED_OUT = 28;
  private static final int TOO_LONG = 63;
  private static final int HTTP2_STREAM_RESET = 92;

  /** The first exit code that is not curl's: the shell's and the runtime's begin here. */
  private static final int NOT_CURLS_OWN = 125;

  private final String mark;
  private final PortSpeech speech;
  private final boolean proxied;
  private final int most;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private final List<Call> calls = new ArrayList<>();

  /** True when it reports more calls than requested: it is not curl, and is ignored. */
  private boolean excess;

  /**
   * One call as curl reports it; times in seconds.
   *
   * @param exit empty when curl is too old to report it
   * @param byProxy true when a proxy of the client has answered, and without a server: Envoy's
   *     router adds {@code x-envoy-upstream-service-time} to what a server answers
   */
  private record Call(
      int httpCode,
      OptionalInt exit,
      double total,
      double connected,
      double secured,
      double firstByte,
      long size,
      boolean byProxy,
      String body) {}

  CurlOutput(CurlCommand command) {
    this.mark = command.mark() + " ";
    this.speech = command.speech();
    this.proxied = command.proxied();
    this.most = command.calls();
  }

  void accept(ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      byte b = bytes.get();
      if (b == '\n') {
        endOfLine();
      } else if (line.size() < LINE) {
        line.write(b);
      }
    }
  }

  private void endOfLine() {
    String text = line.toString(StandardCharsets.UTF_8);
    line.reset();
    Call call = text.startsWith(mark) ? call(fields(text, mark.length())) : null;
    if (call != null) {
      body.reset();
      if (calls.size() < most) {
        calls.add(call);
      } else {
        excess = true;
      }
    } else if (body.size() < BODY) {
      body.writeBytes(text.getBytes(StandardCharsets.UTF_8));
      body.write(' ');
    }
  }

  /** Returns the fields between blanks; the last of {@link #FIELDS} is the rest. */
  private static List<String> fields(String text, int from) {
    List<String> fields = new ArrayList<>();
    int begin = from;
    for (int end = text.indexOf(' ', begin);
        end >= 0 && fields.size() < FIELDS - 1;
        end = text.indexOf(' ', begin)) {
      fields.add(text.substring(begin, end));
      begin = end + 1;
    }
    fields.add(text.substring(begin));
    return fields;
  }

  private @Nullable Call call(List<String> fields) {
    if (fields.size() != FIELDS) {
      return null;
    }
    try {
      return new Call(
          Integer.parseInt(fields.get(0)),
          fields.get(1).isEmpty()
              ? OptionalInt.empty()
              : OptionalInt.of(Integer.parseInt(fields.get(1))),
          Double.parseDouble(fields.get(2)),
          Double.parseDouble(fields.get(3)),
          Double.parseDouble(fields.get(4)),
          Double.parseDouble(fields.get(5)),
          Long.parseLong(fields.get(6)),
          fields.get(7).isEmpty() && fields.get(8).equals(CLIENTS_PROXY),
          printable(body.toString(StandardCharsets.UTF_8)));
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static String printable(String text) {
    String clean = TerminalText.line(text).strip();
    return clean.length() <= BODY ? clean : clean.substring(0, BODY);
  }

  /** Returns whether at least one call has ended. */
  boolean any() {
    return !calls.isEmpty();
  }

  /** Returns how many calls were made. */
  int made() {
    return calls.size();
  }

  /**
   * Returns whether a call that got through has ended the run before the last one: to curl an
   * answer that is too long, or that is no HTTP, is an error. One that lasts too long has taken the
   * time of the others.
   *
   * @param told the result of the run
   */
  boolean leavesCalls(ProbeResult told, int exit) {
    return exit != TIMED_OUT && calls.size() < most && !fails(told);
  }

  /**
   * Returns the result of curl's run.
   *
   * @param exit of the run, which is that of its last call
   */
  ProbeResult result(int exit, String stderr) {
    if (exit > NOT_CURLS_OWN) {
      return new ProbeResult.NotPossible(
          exit == 127 || exit == 126
              ? "curl cannot be run in the client's container (exit code " + exit + ")"
              : "curl was ended from outside (exit code " + exit + ")");
    }
    String fault = ownFault(exit, stderr);
    if (fault != null) {
      return new ProbeResult.NotPossible(fault);
    }
    ProbeResult told = completed(OptionalInt.of(exit), stderr);
    return whole(exit) || fails(told)
        ? told
        : new ProbeResult.NotPossible(
            "what curl printed is not whole: %d of %d calls got through, and it ended with exit code %d"
                .formatted(calls.size(), most, exit));
  }

  /**
   * Returns whether every call is told of. The end of what an exec prints may be lost, though its
   * exit code arrives. Of calls by HTTP the first that fails is the last.
   */
  private boolean whole(int exit) {
    if (calls.isEmpty() || calls.size() == most) {
      return true;
    }
    return CurlCommand.speaksHttp(speech)
        && exit != 0
        && calls.getLast().exit().orElse(exit) == exit;
  }

  /** Returns whether a call is known not to have got through: what else is lost changes nothing. */
  private static boolean fails(ProbeResult told) {
    return switch (told) {
      case Completed one -> one.outcome(true) != ProbeOutcome.OK;
      case ProbeResult.Several several -> several.failed(true) > 0;
      case ProbeResult.NotPossible not -> true;
      case ProbeResult.NeverMade never -> true;
    };
  }

  /** Returns the result of the calls that had ended when the run was given up. */
  ProbeResult unfinished() {
    return completed(OptionalInt.empty(), "");
  }

  private ProbeResult completed(OptionalInt exit, String stderr) {
    if (excess) {
      return new ProbeResult.NotPossible(
          "the client's curl tells of more calls than it was to make (" + most + ")");
    }
    List<Completed> completed = new ArrayList<>(calls.size());
    for (int i = 0; i < calls.size(); i++) {
      Call call = calls.get(i);
      boolean last = i == calls.size() - 1;
      OptionalInt known =
          call.exit().isPresent()
              ? call.exit()
              : last && exit.isPresent() ? exit : implied(call, stderr);
      if (known.isPresent()) {
        completed.add(completed(call, known.getAsInt(), stderr));
      }
    }
    return switch (completed.size()) {
      case 0 -> new ProbeResult.NotPossible("what curl printed cannot be read: " + brief(stderr));
      case 1 -> completed.getFirst();
      default -> new ProbeResult.Several(completed);
    };
  }

  /**
   * Returns the exit code where an old curl reports none: a call with a status succeeded; one
   * without failed as curl says that a call did, other than by the time or length of an answer if
   * there is such a one.
   */
  private static OptionalInt implied(Call call, String stderr) {
    if (call.httpCode() != 0) {
      return OptionalInt.of(0);
    }
    List<Integer> told =
        stderr.lines().filter(line -> line.startsWith(ERROR)).map(CurlOutput::code).toList();
    return told.stream()
        .filter(code -> code > 0 && code != TOO_LONG)
        .min(Comparator.comparing(code -> code == TIMED_OUT))
        .map(OptionalInt::of)
        .orElse(OptionalInt.empty());
  }

  /** Returns the code in {@code curl: (56) Recv failure …}; 0 when there is none. */
  private static int code(String line) {
    int end = line.indexOf(')');
    try {
      return end < 0 ? 0 : Integer.parseInt(line, ERROR.length(), end, 10);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private Completed completed(Call call, int exit, String stderr) {
    Sign sign = sign(call, exit, stderr);
    double latency =
        sign != Sign.TAKEN || exit != TIMED_OUT
            ? call.total()
            : call.firstByte() > 0 ? call.firstByte() : Math.max(call.connected(), call.secured());
    return new Completed(
        call.httpCode(), exit, call.body(), Duration.ofNanos((long) (latency * 1e9)), sign);
  }

  private Sign sign(Call call, int exit, String stderr) {
    if (taken(call, exit, stderr)) {
      return Sign.TAKEN;
    }
    if (proxied && call.byProxy()) {
      return Sign.CLIENTS_PROXY;
    }
    return speech == PortSpeech.TCP && exit == 0 && call.size() == 0 ? Sign.CLOSED : Sign.NONE;
  }

  private boolean taken(Call call, int exit, String stderr) {
    return switch (exit) {
      case UNSUPPORTED_PROTOCOL -> stderr.contains("HTTP/0.9");
      case HTTP2_STREAM_RESET -> true;
      case TIMED_OUT ->
          switch (speech) {
            case TCP -> call.size() > 0 || call.connected() > 0;
            case TLS -> call.size() > 0 || call.secured() > 0;
            case HTTP, HTTP2, HTTPS, NOT_TO_BE_PROBED -> false;
          };
      default -> false;
    };
  }

  /**
   * Returns why curl itself could not make the call, which says nothing about the server; null when
   * it could.
   */
  private @Nullable String ownFault(int exit, String stderr) {
    return switch (exit) {
      case UNSUPPORTED_PROTOCOL ->
          stderr.contains("HTTP/0.9") ? null : "this curl does not speak " + words();
      case 2, 3, 4, 27, 41, 43, 48 ->
          "this curl cannot make the probe (exit code %d): %s".formatted(exit, brief(stderr));
      default -> null;
    };
  }

  private String words() {
    return switch (speech) {
      case HTTP -> "http";
      case HTTP2 -> "HTTP/2";
      case HTTPS -> "https";
      case TLS -> "gophers, by which ports with TLS are probed";
      case TCP, NOT_TO_BE_PROBED -> "gopher, by which ports without HTTP are probed";
    };
  }

  private static String brief(String stderr) {
    String clean = printable(stderr);
    return clean.isEmpty() ? "nothing" : clean;
  }
}
