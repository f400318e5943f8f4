// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Properties;
import org.junit.jupiter.api.Test;

final class ReleaseTest {

  @Test
  void tellsVersionAndCommitThatTheBuildHasNoted() {
    Properties noted = new Properties();
    noted.setProperty("git.build.version", "1.2.3");
    noted.setProperty("git.commit.id", "5141eca46b78bdf7b38046263f4e797eba96d4a9");

    assertEquals("1.2.3 (5141eca46b78bdf7b38046263f4e797eba96d4a9)", Release.of(noted).toString());
  }

  /** Built without a repository, such as from an archive of the sources, or in a worktree. */
  @Test
  void tellsNoCommitWhereNobodyHasNotedOne() {
    assertEquals("(development)", Release.of(new Properties()).toString());
  }
}
