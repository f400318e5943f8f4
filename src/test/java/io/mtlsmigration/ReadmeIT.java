// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.fail;

import io.mtlsmigration.e2e.SandboxProcess;
import io.mtlsmigration.testing.ConsoleDocument.Block;
import io.mtlsmigration.testing.ConsoleDocument.Step;
import io.mtlsmigration.testing.Shell;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Does what README.md, docs/cli.md and docs/cookbook.md tell people to do, against the packaged
 * application, and expects to see what they show.
 *
 * <p>Blocks marked {@code console} are run, in their order and in one shell, as a reader would.
 * Blocks of README.md marked {@code sh} are not: they may hold nothing but make targets, which
 * build the very package that this test starts, or run this very test. {@code make serve} is the
 * one command that is replaced: by what its recipe does, on free ports. {@code mtls-migration} is
 * the packaged program.
 */
@Tag("packaged")
final class ReadmeIT {

  private static final Path README = Path.of("README.md");
  private static final Path COOKBOOK = Path.of("docs/cookbook.md");
  private static final String ADDRESS = "localhost:8080";

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "docs/cli.md", "docs/cookbook.md"})
  void showsWhatItsCommandsPrint(Path document, @TempDir Path folder) throws Exception {
    List<Step> steps = Step.read(document);
    assertFalse(steps.isEmpty(), document + " has no console block");
    Path log = Path.of("target", document.getFileName() + ".log");
    try (SandboxProcess service = SandboxProcess.start(log, Map.of());
        Shell shell = Shell.start(folder)) {
      String address = service.address().getAuthority();
      for (Step step : steps) {
        String printed = shell.run(step.command().replace(ADDRESS, address));
        if (!printed.equals(step.output())) {
          fail(step.difference(printed));
        }
      }
    }
  }

  @Test
  void leavesNothingUntestedButMakeTargetsThatExist() throws Exception {
    String makefile = Files.readString(Path.of("Makefile"));
    List<String> others =
        Block.of(README).stream()
            .filter(block -> !block.language().equals("console"))
            .flatMap(block -> block.lines().stream())
            .filter(line -> !isMake(line, makefile))
            .toList();
    assertEquals(List.of(), others, "lines of README.md that nobody runs");
  }

  @Test
  void leavesNothingOfTheCookbookUntested() throws Exception {
    assertEquals(
        List.of(),
        Block.of(COOKBOOK).stream().filter(block -> !block.language().equals("console")).toList(),
        "blocks that nobody runs");
  }

  private static boolean isMake(String line, String makefile) {
    Matcher command = Pattern.compile("make ([a-z-]+)(\\s+#.*)?").matcher(line);
    return command.matches()
        && makefile.lines().anyMatch(rule -> rule.startsWith(command.group(1) + ":"));
  }
}
