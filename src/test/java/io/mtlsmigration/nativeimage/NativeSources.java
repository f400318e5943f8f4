// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.nativeimage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/**
 * What the builder of a native binary is handed ({@code make native-sources}): our classes with
 * those that Quarkus has generated, and what it has registered for us.
 *
 * @param reflection by name of the class, what of it may be looked at
 * @param resources patterns of the files that the binary carries
 * @param files in the application's jar
 * @param generated the class that makes what configuration needs, as bytes read as Latin-1
 */
record NativeSources(
    Map<String, JsonNode> reflection,
    List<Pattern> resources,
    List<String> files,
    String generated) {

  private static final String GENERATED =
      "io/quarkus/runtime/generated/RunTimeConfigCustomizer.class";

  static NativeSources read(Path folder) throws IOException {
    try (Stream<Path> found = Files.list(folder);
        JarFile jar =
            new JarFile(
                found
                    .filter(file -> file.toString().endsWith("-runner.jar"))
                    .findFirst()
                    .orElseThrow()
                    .toFile())) {
      Map<String, JsonNode> reflection = new HashMap<>();
      for (JsonNode entry : config(jar, "reflect")) {
        reflection.put(entry.path("name").asText(), entry);
      }
      List<Pattern> resources = new ArrayList<>();
      for (JsonNode included : config(jar, "resource").path("resources").path("includes")) {
        resources.add(Pattern.compile(included.path("pattern").asText()));
      }
      return new NativeSources(
          reflection,
          resources,
          jar.stream().filter(file -> !file.isDirectory()).map(ZipEntry::getName).toList(),
          new String(bytes(jar, GENERATED), StandardCharsets.ISO_8859_1));
    }
  }

  private static JsonNode config(JarFile jar, String name) throws IOException {
    return new ObjectMapper()
        .readTree(bytes(jar, "META-INF/native-image/" + name + "-config.json"));
  }

  private static byte[] bytes(JarFile jar, String name) throws IOException {
    try (InputStream in = jar.getInputStream(jar.getEntry(name))) {
      return in.readAllBytes();
    }
  }

  boolean carries(String file) {
    return resources.stream().anyMatch(pattern -> pattern.matcher(file).matches());
  }

  /** Whether all members of that kind may be looked at. */
  boolean has(String type, String members) {
    JsonNode entry = reflection.get(type);
    return entry != null && entry.path(members).asBoolean();
  }
}
