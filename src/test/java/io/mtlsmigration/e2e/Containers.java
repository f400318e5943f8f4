// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import io.vertx.core.buffer.Buffer;
import java.util.List;

/** What runs in the pods of a {@link StandInNode}. */
interface Containers {

  /**
   * How a program ended.
   *
   * @param exit -1 for a program that could not be started
   */
  record Ended(int exit, Buffer stdout, String stderr) {
    Ended(int exit, String stdout, String stderr) {
      this(exit, Buffer.buffer(stdout), stderr);
    }
  }

  Ended exec(String namespace, String pod, String container, List<String> command);

  /** The local port behind a port of a pod; 0 when nobody listens there. */
  int localPort(String namespace, String pod, int port);

  String log(String namespace, String pod, String container);
}
