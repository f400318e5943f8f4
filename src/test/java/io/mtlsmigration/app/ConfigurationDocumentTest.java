// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class ConfigurationDocumentTest {

  private static final Pattern KEY =
      Pattern.compile("^\\| `(mtls-migration\\.[a-z.-]+)` \\|", Pattern.MULTILINE);

  @Test
  void describesEveryKeyAndNoOther() throws IOException {
    Set<String> declared = new TreeSet<>(Set.of("mtls-migration.log.json"));
    collect("mtls-migration", Settings.class, declared);

    Set<String> described = new TreeSet<>();
    Matcher keys = KEY.matcher(Files.readString(Path.of("docs/configuration.md")));
    while (keys.find()) {
      described.add(keys.group(1));
    }

    assertEquals(declared, described);
  }

  @Test
  void showsEveryKeyInATable() throws IOException {
    String document = Files.readString(Path.of("docs/configuration.md"));

    List<String> astray =
        Pattern.compile("\n\n(\\|[^\n]*)\n(?!\\|---)")
            .matcher(document)
            .results()
            .map(row -> row.group(1))
            .toList();

    assertEquals(List.of(), astray);
  }

  private static void collect(String prefix, Class<?> group, Set<String> keys) {
    for (Method method : group.getDeclaredMethods()) {
      String key =
          prefix
              + "."
              + method.getName().replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT);
      if (method.getReturnType().isInterface()
          && method.getReturnType().getEnclosingClass() != null) {
        collect(key, method.getReturnType(), keys);
      } else {
        keys.add(key);
      }
    }
  }
}
