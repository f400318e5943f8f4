// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hook;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Resolves a name to its current addresses. Blocking. */
interface NameLookup {

  List<InetAddress> addresses(String host) throws UnknownHostException;

  static List<InetAddress> ofTheMachine(String host) throws UnknownHostException {
    return List.of(InetAddress.getAllByName(host));
  }
}
