// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.fields;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * Reads objects as the API server stores them. Their owners choose the names in them: these may be
 * as long as an object, and are kept no longer than it; the library would keep thousands.
 */
public final class StoredJson {

  private StoredJson() {}

  /** Returns a mapper of objects whose schema has no values of any depth. */
  public static ObjectMapper mapper() {
    return new ObjectMapper(factory(StreamReadConstraints.DEFAULT_MAX_DEPTH).build());
  }

  /**
   * Returns a factory of parsers, to be completed.
   *
   * @param levels the most that are nested
   */
  public static JsonFactoryBuilder factory(int levels) {
    JsonFactoryBuilder factory = new JsonFactoryBuilder();
    factory
        .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNameLength(Integer.MAX_VALUE)
                .maxStringLength(Integer.MAX_VALUE)
                .maxNestingDepth(levels)
                .build());
    return factory;
  }
}
