// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Collects problems. */
final class ProblemList {

  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

  private final List<Problem> problems = new ArrayList<>();

  void add(String pointer, String code, String detail) {
    problems.add(new Problem(pointer, code, detail));
  }

  void require(boolean holds, String pointer, String code, String detail) {
    if (!holds) {
      add(pointer, code, detail);
    }
  }

  List<Problem> all() {
    return List.copyOf(problems);
  }

  /** Returns whether a text is an RFC 1123 label, as Kubernetes requires for names. */
  static boolean isLabel(String name) {
    return LABEL.matcher(name).matches();
  }
}
