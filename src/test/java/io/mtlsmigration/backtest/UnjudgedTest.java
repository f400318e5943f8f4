// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.backtest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.plan.PlanSpec;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnjudgedTest {

  @ParameterizedTest
  @CsvSource({"1, 1 namespace of the plan was", "2, 2 namespaces of the plan were"})
  void countsWhatWasLeftOut(int leftOut, String beginning) {
    List<Unjudged> all = Unjudged.of(PlanSpec.standard("all"), leftOut, List.of());

    String message =
        all.stream()
            .filter(one -> one.kind() == UnjudgedKind.NAMESPACES_LEFT_OUT)
            .map(Unjudged::message)
            .findFirst()
            .orElseThrow();
    assertEquals(beginning + " not asked about", message.split(":", 2)[0]);
  }
}
