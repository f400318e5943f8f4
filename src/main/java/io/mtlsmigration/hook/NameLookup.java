package io.mtlsmigration.hook;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Which addresses a name stands for, now. Blocking. */
interface NameLookup {

  List<InetAddress> addresses(String host) throws UnknownHostException;

  static List<InetAddress> ofTheMachine(String host) throws UnknownHostException {
    return List.of(InetAddress.getAllByName(host));
  }
}
