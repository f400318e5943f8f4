// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.openapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.Operation;
import org.jboss.jandex.Index;
import org.jboss.jandex.MethodInfo;
import org.junit.jupiter.api.Test;

/** What the document and the headers say of an operation that will go. */
final class DeprecationTest {

  @SuppressWarnings("unused") // read from its bytes
  private static final class Resource {

    @DeprecatedOperation(since = "2027-03-01", sunset = "2028-03-01", instead = "Call listNew.")
    @org.eclipse.microprofile.openapi.annotations.Operation(operationId = "listOld")
    void old() {}

    @org.eclipse.microprofile.openapi.annotations.Operation(operationId = "listNew")
    void latest() {}
  }

  private static MethodInfo handler(String name) throws IOException {
    return Index.of(Resource.class).getClassByName(Resource.class).firstMethod(name);
  }

  private static Operation operation(String id) {
    return OASFactory.createOperation()
        .operationId(id)
        .description("Lists.")
        .responses(
            OASFactory.createAPIResponses()
                .addAPIResponse("200", OASFactory.createAPIResponse())
                .addAPIResponse("400", OASFactory.createAPIResponse()));
  }

  @Test
  void theDocumentSaysSinceWhenUntilWhenAndWhatInstead() throws IOException {
    Operation old = operation("listOld");

    Deprecations.add(old, handler("old"));

    assertEquals(true, old.getDeprecated());
    assertEquals(
        "Lists. Deprecated since 2027-03-01, and may be gone from 2028-03-01 on. Call listNew.",
        old.getDescription());
    assertEquals(
        Map.of("x-deprecated-since", "2027-03-01", "x-sunset", "2028-03-01"), old.getExtensions());
    assertEquals(
        Set.of("Deprecation", "Link", "Sunset"),
        old.getResponses().getAPIResponse("200").getHeaders().keySet());
    assertNull(old.getResponses().getAPIResponse("400").getHeaders());
  }

  @Test
  void theDocumentDefinesTheHeadersThatItRefersTo() throws IOException {
    Components components = OASFactory.createComponents();

    Deprecations.define(Index.of(Resource.class), components);

    assertEquals(Set.of("Deprecation", "Link", "Sunset"), components.getHeaders().keySet());
  }

  @Test
  void theDocumentSaysNothingOfOthers() throws IOException {
    Operation latest = operation("listNew");
    Components components = OASFactory.createComponents();

    Deprecations.add(latest, handler("latest"));
    Deprecations.define(Index.of(DeprecationTest.class), components);

    assertNull(latest.getDeprecated());
    assertNull(components.getHeaders());
  }

  @Test
  void headersAreThoseOfTheStandards() {
    Map<String, String> headers =
        DeprecationNotice.of("2027-03-01", "2028-03-05", "Call listNew.").headers();

    assertEquals("@1803859200", headers.get("Deprecation"));
    assertEquals("Sun, 05 Mar 2028 00:00:00 GMT", headers.get("Sunset"));
    assertEquals(
        "</q/openapi>; rel=\"deprecation\"; type=\"application/yaml\"", headers.get("Link"));
  }

  @Test
  void thereIsNoSunsetWithoutADay() {
    Map<String, String> headers = DeprecationNotice.of("2027-03-01", "", "Call listNew.").headers();

    assertEquals(Set.of("Deprecation", "Link"), headers.keySet());
  }

  @Test
  void nothingGoesBeforeItIsDeprecated() {
    assertThrows(
        IllegalArgumentException.class,
        () -> DeprecationNotice.of("2027-03-01", "2027-02-28", "Call listNew."));
  }
}
