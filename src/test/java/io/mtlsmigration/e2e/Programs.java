// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import java.io.File;
import java.util.Arrays;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * Programs of the machine that tests run. Where one is missing its tests are left out, and say so;
 * in CI ({@code CI=true}) they fail.
 */
public final class Programs {

  private Programs() {}

  /** Goes on only when there is such a program. */
  public static void need(String name, String debianPackage) {
    boolean there =
        Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
            .anyMatch(folder -> new File(folder, name).canExecute());
    needed(there, name + " is not in PATH: it comes with Debian's package " + debianPackage);
  }

  /** Goes on only for root. */
  public static void needRoot(String why) {
    needed("root".equals(System.getProperty("user.name")), "needs root: " + why);
  }

  private static void needed(boolean there, String what) {
    if (!there && "true".equals(System.getenv("CI"))) {
      Assertions.fail(what);
    }
    if (!there) {
      System.err.println("NOT TESTED: " + what);
    }
    Assumptions.assumeTrue(there, what);
  }
}
