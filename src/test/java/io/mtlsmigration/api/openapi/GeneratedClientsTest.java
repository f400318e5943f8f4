// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.openapi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The calls that {@code make clients-test} makes with each generated client. */
final class GeneratedClientsTest {

  @Test
  void areEveryOperationOnceByItsTag() throws IOException {
    List<String> called = new ArrayList<>();
    for (JsonNode call : new ObjectMapper().readTree(new File("clients/operations.json"))) {
      called.add(call.path("call").asText());
    }
    List<String> documented = new ArrayList<>();
    for (JsonNode path : new YAMLMapper().readTree(new File("openapi.yaml")).path("paths")) {
      for (JsonNode operation : path) {
        if (operation.has("operationId")) {
          documented.add(
              operation.path("tags").path(0).asText()
                  + "."
                  + operation.path("operationId").asText());
        }
      }
    }

    assertEquals(documented.stream().sorted().toList(), called.stream().sorted().toList());
  }
}
