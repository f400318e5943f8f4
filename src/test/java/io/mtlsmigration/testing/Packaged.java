// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The service as it is shipped: the native binary that {@code -Dnative.image.path} names, or
 * whatever else is executable there and takes the same arguments and environment; without it the
 * jar that {@code make package} has left.
 */
public final class Packaged {

  private static final Path JAR = Path.of("target/quarkus-app/quarkus-run.jar");

  /**
   * What {@code make built} records of a start ({@code scripts/aot-cache}), which halves the next.
   */
  private static final Path CACHE = Path.of("target/tests.aot");

  private Packaged() {}

  /**
   * The command that starts it, to which the program's own arguments are added. A JVM also gets the
   * options in {@code -Dpackaged.jvm}: tests start it some hundred times, and most of the CPU time
   * of a start is the JVM's own compiler, and most of the rest is the loading of classes, for which
   * there may be an AOT cache. With {@code -Dpackaged.record}, it leaves a recording of what it
   * looks up by name in that folder.
   *
   * @param options as both a JVM and a native binary take them, like {@code -Dkey=value}
   * @throws IllegalStateException when it is not there
   */
  public static List<String> command(List<String> options) {
    String binary = System.getProperty("native.image.path", "");
    Path program = (binary.isEmpty() ? JAR : Path.of(binary)).toAbsolutePath();
    if (!Files.exists(program)) {
      throw new IllegalStateException(
          program + " is missing: make " + (binary.isEmpty() ? "package" : "native"));
    }
    List<String> command = new ArrayList<>();
    if (!binary.isEmpty()) {
      command.add(program.toString());
      command.addAll(options);
      return command;
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    String jvm = System.getProperty("packaged.jvm", "");
    if (!jvm.isEmpty()) {
      command.addAll(List.of(jvm.split(" ")));
    }
    String record = System.getProperty("packaged.record", "");
    if (!record.isEmpty()) {
      command.add("-Xlog:jfr+startup=error");
      command.add(
          "-XX:StartFlightRecording:filename=%s/%%p.jfr,settings=%s"
              .formatted(
                  record, Path.of("src/test/resources/native/lookups.jfc").toAbsolutePath()));
    } else if (cached()) {
      command.add("-XX:AOTCache=" + CACHE.toAbsolutePath());
    }
    command.addAll(options);
    command.add("-jar");
    command.add(program.toString());
    return command;
  }

  /** An older JVM does not know the option, and with a cache of another jar each start warns. */
  private static boolean cached() {
    return Runtime.version().feature() >= 25
        && CACHE.toFile().lastModified() > JAR.toFile().lastModified();
  }
}
