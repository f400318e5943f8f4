// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mtlsmigration.testing.Shell;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a command ends with when its output goes nowhere. */
@Tag("packaged")
final class LostOutputIT {

  @TempDir Path folder;

  @Test
  void isNoSuccess() throws Exception {
    assumeTrue(Files.exists(Path.of("/dev/full")), "only Linux has a device that is full");
    Files.writeString(
        folder.resolve("foo.yaml"), "{apiVersion: v1, kind: Namespace, metadata: {name: foo}}");
    try (Shell shell = Shell.start(folder)) {
      assertEquals(
          "the output cannot be written\n3\n",
          shell.run("mtls-migration completion bash > /dev/full; echo $?"));
      assertEquals(
          "the output cannot be written\n2\n",
          shell.run("mtls-migration analyse " + folder + "/foo.yaml > /dev/full; echo $?"));
    }
  }

  /** Help and version are printed before there is a command. */
  @ParameterizedTest
  @CsvSource({
    "--help,3",
    "--version,3",
    "plan --help,3",
    "plan create --help,3",
    "completion --version,3",
    "analyse --help,2"
  })
  void ofHelpIsNoSuccessEither(String arguments, int ended) throws Exception {
    assumeTrue(Files.exists(Path.of("/dev/full")), "only Linux has a device that is full");
    try (Shell shell = Shell.start(folder)) {
      assertEquals(
          "the output cannot be written\n" + ended + "\n",
          shell.run("mtls-migration " + arguments + " > /dev/full; echo $?"));
    }
  }

  /** A reader that has enough, such as head or grep -q, is content. */
  @Test
  void isOneWhereItsReaderHasSeenEnough() throws Exception {
    try (Shell shell = Shell.start(folder)) {
      assertEquals(
          "0\n", shell.run("{ mtls-migration completion bash; echo $? >&2; } | sleep 0.01"));
    }
  }
}
