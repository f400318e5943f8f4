// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.hazard.HazardCode;
import io.mtlsmigration.hazard.Severity;
import io.mtlsmigration.mesh.ObjectRef;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How findings are listed. */
final class FindingViewTest {

  /** The first line of a request has 4,096 bytes. An author of a rule names its subsets. */
  @ParameterizedTest
  @ValueSource(strings = {"v", "\u5b57", "\ud83d\ude00"})
  void whatALongNameMakesOfATokenFitsIntoAUrl(String letter) {
    Finding finding =
        new Finding(
            HazardCode.DESTINATION_RULE_DISABLES_MTLS,
            Severity.BLOCKER,
            "n".repeat(63),
            new ObjectRef("DestinationRule", "n".repeat(63), "o".repeat(253)),
            65_535,
            "x" + letter.repeat(1_000_000),
            "",
            List.of(),
            List.of());

    byte[] key = FindingView.key(finding).getBytes(StandardCharsets.UTF_8);

    assertTrue(Base64.getUrlEncoder().encodeToString(key).length() < 3_000, key.length + " bytes");
    assertTrue(finding.message().endsWith(" characters"), finding.message());
    assertTrue(
        StandardCharsets.UTF_8.newEncoder().canEncode(finding.message()), "no half of a character");
  }
}
