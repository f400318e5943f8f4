// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.inventory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mtlsmigration.manifest.UnreadFields;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Objects that the API server stores, and whose names or values are of no usual size. */
final class ObjectDecoderTest {

  private static final String LONG = "x".repeat(100_000);

  static Stream<Arguments> objects() {
    return Stream.of(
        argumentSet(
            "a variable with a long name, which managedFields repeat as a key",
            UnreadFields.POD,
            "\"metadata\":{\"name\":\"one\",\"managedFields\":[{\"fieldsV1\":{\"k:{"
                + LONG
                + "}\":{}}}]}"),
        argumentSet(
            "an attribute of a volume with a long name",
            UnreadFields.POD,
            named(
                "\"spec\":{\"volumes\":[{\"csi\":{\"volumeAttributes\":{\"%s\":\"\"}}}]}"
                    .formatted(LONG))),
        argumentSet(
            "a tag of a Telemetry with a long name",
            UnreadFields.METADATA,
            named(
                "\"spec\":{\"metrics\":[{\"overrides\":[{\"tagOverrides\":{\"%s\":{}}}]}]}"
                    .formatted(LONG))),
        argumentSet(
            "a patch of an EnvoyFilter that is nested deeply",
            UnreadFields.METADATA,
            named(nested("\"spec\":{\"value\":%s}", 9_000))),
        argumentSet(
            "an unread part that is nested deeply",
            UnreadFields.POD,
            named(nested("\"spec\":{\"volumes\":%s}", 9_000))));
  }

  private static String named(String rest) {
    return "\"metadata\":{\"name\":\"one\"}," + rest;
  }

  private static String nested(String around, int levels) {
    return around.formatted("{\"a\":[".repeat(levels / 2) + "]}".repeat(levels / 2));
  }

  @ParameterizedTest
  @MethodSource("objects")
  void handsOutWhatComesAfterThemInAList(UnreadFields unread, String object) throws IOException {
    String list =
        "{\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[{%s},{\"metadata\":{\"name\":\"two\"}}]}"
            .formatted(object);
    List<String> names = new ArrayList<>();

    ObjectDecoder.Page page =
        ObjectDecoder.page(
            new ByteArrayInputStream(list.getBytes(StandardCharsets.UTF_8)),
            unread,
            one -> names.add(name(one)));

    assertEquals(List.of("one", "two"), names);
    assertEquals("7", page.resourceVersion());
  }

  @ParameterizedTest
  @MethodSource("objects")
  void readsTheirEvents(UnreadFields unread, String object) throws IOException {
    ObjectDecoder.Event event =
        ObjectDecoder.event("{\"type\":\"ADDED\",\"object\":{%s}}".formatted(object), unread);

    assertEquals("ADDED", event.type());
    assertTrue(event.object() instanceof ObjectNode);
    assertEquals("one", name(event.object()));
  }

  /** Its owner may store others by the thousand, one after another. */
  @Test
  void keepsNoNameLongerThanItsObject() throws IOException {
    String event = "{\"type\":\"ADDED\",\"object\":{\"%s\":1}}".formatted(LONG);
    String list = "{\"items\":[{\"%s\":1}]}".formatted(LONG);
    List<String> names = new ArrayList<>();

    for (int i = 0; i < 2; i++) {
      names.add(ObjectDecoder.event(event, UnreadFields.METADATA).object().fieldNames().next());
      ObjectDecoder.page(
          new ByteArrayInputStream(list.getBytes(StandardCharsets.UTF_8)),
          UnreadFields.METADATA,
          one -> names.add(one.fieldNames().next()));
    }

    assertEquals(List.of(LONG, LONG, LONG, LONG), names);
    assertNotSame(names.get(0), names.get(2));
    assertNotSame(names.get(1), names.get(3));
  }

  private static String name(JsonNode object) {
    return object.path("metadata").path("name").asText();
  }
}
