// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;

/** The command {@code test-notice}, by which a receiver of notices is tried out. */
final class NoticeCommands {

  private NoticeCommands() {}

  static CommandSpec test() {
    return Usage.command(
            "test-notice",
            NoticeCommands::test,
            "Sends a test to a receiver of notices, and says how it answers.",
            "test-notice oncall")
        .addPositional(Usage.argument(0, "RECEIVER", "Its name in the configuration."));
  }

  private static int test(RemoteCommand call) throws IOException, RefusedException {
    JsonNode result =
        call.api().post(ServiceApi.path("notices", call.argument(0), "test"), Map.of());
    String detail = result.path("detail").asText();
    call.answer(
        result,
        () ->
            List.of(
                call.argument(0)
                    + ": "
                    + result.path("outcome").asText()
                    + (detail.isEmpty() ? "" : ", " + detail)));
    return result.path("outcome").asText().equals("ACCEPTED") ? Exit.DONE : Exit.REFUSED;
  }
}
