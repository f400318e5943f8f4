// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.client;

import java.io.IOException;

/** The action of a command once its options are parsed. */
@FunctionalInterface
interface Command {

  /**
   * Runs it, and returns its {@link Exit} code.
   *
   * @throws RefusedException when the service refuses
   * @throws IOException when there is no intelligible answer
   */
  int run(RemoteCommand call) throws IOException, InterruptedException, RefusedException;
}
