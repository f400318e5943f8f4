// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.testing.Shell;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The packaged program's completion, in the shells that are there. */
@Tag("packaged")
final class CompletionIT {

  private static final String LINE = "mtls-migration plan show q";

  /** Has a shell complete {@link #LINE}, as if TAB had been pressed. */
  static Stream<Arguments> shells() {
    return Stream.of(
        argumentSet(
            "bash",
            "bash",
            "bash -c '. \"$0\"; COMP_LINE=\"$1\"; COMP_POINT=${#1}; _mtls_migration;"
                + " printf \"%s\\n\" \"${COMPREPLY[@]}\"' FILE 'TYPED'"),
        argumentSet(
            "zsh",
            "zsh",
            "zsh -fc 'compdef() { }; compadd() { shift; print -l -- \"$@\" }; . \"$0\";"
                + " words=(${=1}); CURRENT=${#words}; _mtls_migration' FILE 'TYPED'"),
        argumentSet("fish", "fish", "fish --no-config -c 'source FILE; complete -C \"TYPED\"'"));
  }

  @ParameterizedTest
  @MethodSource("shells")
  void completesTheNameOfAPlan(String name, String command, @TempDir Path folder) throws Exception {
    assumeTrue(isThere(name), name + " is not installed");
    try (StandInService service = StandInService.start();
        Shell shell = Shell.start(folder)) {
      service.answers(
          "GET /plans?limit=1000",
          200,
          "{\"items\": [{\"name\": \"q4\"}, {\"name\": \"q5\"}, {\"name\": \"other\"}]}");
      Path script = folder.resolve("script");
      shell.run("export MTLS_MIGRATION_URL=http://127.0.0.1:" + service.port());
      assertEquals("", shell.run("mtls-migration completion " + name + " > " + script));

      String offered = shell.run(command.replace("FILE", script.toString()).replace("TYPED", LINE));

      assertEquals("q4\nq5\n", offered);
    }
  }

  private static boolean isThere(String program) {
    return Stream.of("/bin", "/usr/bin", "/usr/local/bin")
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }
}
