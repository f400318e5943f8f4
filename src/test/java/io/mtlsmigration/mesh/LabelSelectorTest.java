// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Selectors in the words that a plan's facts are hashed from. */
final class LabelSelectorTest {

  /** Whatever approves a plan holds in another process, too. */
  @Test
  void isPrintedInAnOrderThatIsTheSameInEachProcess() {
    Map<String, String> labels =
        IntStream.range(10, 30)
            .mapToObj(i -> "label-" + i)
            .collect(Collectors.toMap(Function.identity(), name -> "x"));

    assertEquals(
        labels.keySet().stream().sorted().toList(),
        List.copyOf(LabelSelector.ofLabels(labels).matchLabels().keySet()));
  }
}
