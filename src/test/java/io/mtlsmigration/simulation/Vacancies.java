// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.testing.Draw;

/**
 * Histories of one server, to which a person makes STRICT and deletes it again while nobody leads:
 * it refuses whoever calls in plaintext then, and the API server knows nothing of it afterwards.
 */
final class Vacancies extends SmallHistory {

  private static final String SERVER = "foo/httpbin";
  private static final long BEGIN = 2 * Happening.DAY;

  private final int length;

  Vacancies(Draw draw) {
    super(draw);
    length =
        draw.of(draw.between(3000, 9000), draw.between(7000, 20_000), draw.between(7000, 60_000));
  }

  @Override
  void happens() {
    boolean ambient = draw.percent(20);
    String plane = ambient ? " ambient " : " sidecar ";
    at(0, "namespace istio-system");
    at(0, "namespace legacy");
    at(0, "namespace foo" + (ambient ? " ambient" : ""));
    at(0, "workload " + Ztunnel.ID + " none 1");
    at(0, "workload legacy/curl none 1");
    at(0, "workload foo/curl" + plane + "1");
    at(0, "workload " + SERVER + plane + draw.between(1, 2));
    at(600, "calls foo/curl " + SERVER + " 60");
    String client = draw.of("outside ", "legacy/curl ") + SERVER;
    at(600, "calls " + client + " " + draw.of(20, 60, 300));

    int strict = draw.of(draw.between(0, 30), draw.between(0, length));
    int open = Math.max(strict + 1, length - draw.of(1, draw.between(0, 30), draw.below(length)));
    int quiet = draw.of(open - draw.between(0, 60), draw.between(strict, open), open + 60);
    at(BEGIN, "vacant " + length + " r" + draw.of(1, 2));
    String policy = draw.of("foo default", "foo default", "istio-system default");
    at(BEGIN + strict, "policy " + policy + " STRICT");
    at(BEGIN + open, "unpolicy " + policy);
    at(BEGIN + Math.max(strict, quiet), "quiet " + client);
    if (draw.percent(30)) {
      at(BEGIN + draw.between(0, length + 90), draw.of("lead r2", "lead r3", "prometheus-younger"));
    }
    long plan = BEGIN + draw.of(-86_400, -3600, length + 100, length + draw.between(10, 9000));
    at(plan, "plan p1 foo window=" + draw.of(3600, 3600, 7200, 43_200) + " soak=60 adopt");
    at(plan + 10, "start p1");
    at(BEGIN + 2 * Happening.DAY, "heal");
    at(BEGIN + 3 * Happening.DAY, "close");
  }
}
