// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.api.input.Paging;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which namespaces a page of workloads may be about. */
final class WorkloadListsTest {

  /** A token is no secret, and may be written by anybody. */
  @ParameterizedTest
  @CsvSource({"'',true", "foo,true", "fop,false", "zz,false"})
  void aForgedTokenNamesSomePlaceInTheList(String after, boolean reaches) {
    assertEquals(reaches, WorkloadLists.reaches("foo", new Paging(10, "", after)));
  }
}
