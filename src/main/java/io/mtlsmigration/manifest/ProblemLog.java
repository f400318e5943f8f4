// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import java.util.ArrayList;
import java.util.List;

/** The problems of one source, up to a limit. */
final class ProblemLog {

  private static final int MAX_MESSAGE = 300;

  private final String source;
  private final int limit;
  private final List<ManifestProblem> problems = new ArrayList<>();

  ProblemLog(String source, int limit) {
    this.source = source;
    this.limit = limit;
  }

  /**
   * Records a problem.
   *
   * @throws Stop when the limit is reached
   */
  void add(int document, Mark mark, String pointer, String message) {
    problems.add(
        new ManifestProblem(
            source, document, mark.line(), mark.column(), pointer, printable(message)));
    if (problems.size() >= limit) {
      throw new Stop();
    }
  }

  /** Records a problem after which nothing more can be read. */
  Stop fatal(int document, Mark mark, String pointer, String message) {
    add(document, mark, pointer, message);
    return new Stop();
  }

  String source() {
    return source;
  }

  void throwIfAny() {
    if (!problems.isEmpty()) {
      throw new ManifestException(problems);
    }
  }

  /** Returns a message, which quotes the input, shortened and safe for terminals and logs. */
  static String printable(String message) {
    StringBuilder text = new StringBuilder(Math.min(message.length(), MAX_MESSAGE));
    for (int i = 0; i < message.length() && text.length() < MAX_MESSAGE; i++) {
      char c = message.charAt(i);
      text.append(Character.isISOControl(c) || Character.isSurrogate(c) ? ' ' : c);
    }
    return message.length() > MAX_MESSAGE ? text.append('…').toString() : text.toString();
  }

  /** Thrown to end the reading of a source whose problems are already recorded. */
  static final class Stop extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Stop() {
      super("reading stopped", null, false, false);
    }
  }
}
