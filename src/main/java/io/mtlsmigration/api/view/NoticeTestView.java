// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.notice.NoticeTests;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(name = "NoticeTest", description = "What came of a test notice")
public record NoticeTestView(
    @Schema(description = "Name of the receiver, as configured") String receiver,
    @Schema(description = "How the receiver has answered") NoticeTests.Reception outcome,
    @Schema(description = "Its status, or why there is none; empty when it has accepted")
        String detail) {

  public static NoticeTestView of(String receiver, NoticeTests.Result result) {
    return new NoticeTestView(receiver, result.outcome(), result.detail());
  }
}
