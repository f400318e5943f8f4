// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

final class CsvTextTest {

  @Test
  void quotesWhatWouldBeAnotherCell() {
    assertEquals(
        "a,\"b,c\",\"say \"\"d\"\"\",\"two\nlines\"\r\n",
        CsvText.of(List.of(List.of("a", "b,c", "say \"d\"", "two\nlines"))));
  }

  @Test
  void isNoFormulaForASpreadsheet() {
    assertEquals("'=1+1,'-2,'+3,'@x\r\n", CsvText.of(List.of(List.of("=1+1", "-2", "+3", "@x"))));
  }
}
