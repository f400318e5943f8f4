package io.mtlsmigration.app.client;

import java.io.IOException;

/** What a command does once its options are read. */
@FunctionalInterface
interface Command {

  /**
   * Runs it, and returns its {@link Exit} code.
   *
   * @throws RefusedException when the service says no
   * @throws IOException when it says nothing that can be understood
   */
  int run(RemoteCommand call) throws IOException, InterruptedException, RefusedException;
}
