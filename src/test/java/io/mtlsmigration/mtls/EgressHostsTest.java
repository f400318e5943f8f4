// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EgressHostsTest {

  private static final String HOST = "web.foo.svc.cluster.local";

  /** By a client in bar, of a Service in foo. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "*/*                                       | true",
        "foo/*                                     | true",
        "./*                                       | false",
        "~/*                                       | false",
        "bar/*                                     | false",
        "foo/web.foo.svc.cluster.local             | true",
        "foo/*.foo.svc.cluster.local               | true",
        "*/*.local                                 | true",
        "foo/*.bar.svc.cluster.local               | false",
        "foo/db.foo.svc.cluster.local              | false",
        "foo/*web.foo.svc.cluster.local            | true",
        "web.foo.svc.cluster.local                 | false",
        "*/* ~foo/*                                | false",
        "~foo/web.foo.svc.cluster.local */*        | false",
        "*/* ~foo/db.foo.svc.cluster.local         | true",
        "*/* ~/*.foo.svc.cluster.local             | false",
        "*/* ~./*                                  | true",
        "bar/* foo/*.nowhere foo/*.cluster.local   | true",
      })
  void importsWhatItsHostsSay(String hosts, boolean imported) {
    EgressHosts egress = EgressHosts.of(List.of(hosts.split(" ")));

    assertEquals(imported, egress.cover("bar", "foo", HOST));
  }

  @ParameterizedTest
  @CsvSource({"./*, true", "*/* ~./*, false", "./web.foo.svc.cluster.local, true"})
  void takesAPointForTheClientsNamespace(String hosts, boolean imported) {
    EgressHosts egress = EgressHosts.of(List.of(hosts.split(" ")));

    assertEquals(imported, egress.cover("foo", "foo", HOST));
  }

  /** As many fit into an object, and each client is asked about each Service. */
  @Test
  void findsAHostAmongTensOfThousands() {
    EgressHosts egress =
        EgressHosts.of(
            IntStream.range(0, 40_000)
                .mapToObj(i -> (i % 2 == 0 ? "*/h%d.example" : "*/*.h%d.example").formatted(i))
                .toList());

    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          for (int i = 0; i < 1_000_000; i++) {
            assertFalse(egress.cover("bar", "foo", HOST));
          }
        });
  }
}
