// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Operators of Envoy's access logs that are evidence, because Envoy fills them in by itself. */
final class EnvoyOperators {

  static final String CODE = "RESPONSE_CODE";
  static final String FLAGS = "RESPONSE_FLAGS";
  static final String DETAILS = "RESPONSE_CODE_DETAILS";
  static final String PROTOCOL = "PROTOCOL";
  static final String CLUSTER = "UPSTREAM_CLUSTER";
  static final String LOCAL = "DOWNSTREAM_LOCAL_ADDRESS";
  static final String REMOTE = "DOWNSTREAM_REMOTE_ADDRESS";
  static final String DIRECT = "DOWNSTREAM_DIRECT_REMOTE_ADDRESS";
  static final String SERVER_NAME = "REQUESTED_SERVER_NAME";
  static final String TLS_VERSION = "DOWNSTREAM_TLS_VERSION";
  static final String PEER = "DOWNSTREAM_PEER_URI_SAN";
  static final String FORWARDED_FOR = "REQ(X-FORWARDED-FOR)";

  private static final Set<String> READ =
      Set.of(
          CODE,
          FLAGS,
          DETAILS,
          PROTOCOL,
          CLUSTER,
          LOCAL,
          REMOTE,
          DIRECT,
          SERVER_NAME,
          TLS_VERSION,
          PEER,
          FORWARDED_FOR);

  /** The longest value in characters; server names have at most 255, and all others are shorter. */
  static final int LONGEST_VALUE = 512;

  private EnvoyOperators() {}

  /** Returns the operator without percent signs and length; null when it is not read. */
  static @Nullable String read(String format) {
    String name = format.substring(1, format.length() - 1).toUpperCase(Locale.ROOT);
    int length = name.lastIndexOf(':');
    if (length > name.lastIndexOf(')')) {
      name = name.substring(0, length);
    }
    name = name.equals("UPSTREAM_CLUSTER_RAW") ? CLUSTER : name;
    return READ.contains(name) ? name : null;
  }
}
