// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.openapi;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.tags.Tag;
import org.jspecify.annotations.Nullable;

/**
 * Descriptions of parts that carry no annotation: types of the core, which may not depend on
 * OpenAPI, parameters of many operations, and tags.
 */
final class Descriptions {

  private static final String FILE = "openapi/descriptions.properties";

  private static final String NAME = "name.";

  private final Properties words;

  private Descriptions(Properties words) {
    this.words = words;
  }

  static Descriptions load() {
    Properties words = new Properties();
    try (InputStream in = open(FILE)) {
      if (in == null) {
        throw new IllegalStateException(FILE + " is missing");
      }
      words.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Descriptions(words);
  }

  /** Opens a file beside the classes, as the build sees them. */
  static @Nullable InputStream open(String path) {
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    return loader == null ? null : loader.getResourceAsStream(path);
  }

  /** Returns the names of schemas in the document, by their names in the code. */
  SchemaNames names() {
    Map<String, String> names = new TreeMap<>();
    for (String key : words.stringPropertyNames()) {
      if (key.startsWith(NAME)) {
        names.put(key.substring(NAME.length()), words.getProperty(key));
      }
    }
    return new SchemaNames(names);
  }

  void describe(OpenAPI document) {
    List<Tag> tags = new ArrayList<>();
    for (String key : new TreeSet<>(words.stringPropertyNames())) {
      if (key.startsWith("tag.")) {
        tags.add(
            OASFactory.createTag()
                .name(key.substring("tag.".length()))
                .description(words.getProperty(key)));
      }
    }
    document.setTags(tags);
    document.getComponents().getSchemas().forEach((name, schema) -> describe(name, schema));
  }

  private void describe(String name, Schema schema) {
    String description = words.getProperty("schema." + name);
    if (description != null) {
      schema.setDescription(description);
    }
  }

  void describe(Operation operation) {
    if (operation.getParameters() == null) {
      return;
    }
    operation
        .getParameters()
        .forEach(
            parameter -> {
              String description = words.getProperty("parameter." + parameter.getName());
              if (parameter.getDescription() == null && description != null) {
                parameter.setDescription(description);
              }
            });
  }
}
