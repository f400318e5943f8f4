// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

/**
 * The reason why lines of access logs are missing: first those that somebody can remedy, then those
 * that any client can cause, by what it sends. These never hide the first ones, and ask nobody to
 * act.
 */
public enum LineLoss {
  /** The kubelet had replaced the file, or the proxy was restarted, before they were read. */
  NOT_KEPT("have the kubelet keep larger logs (containerLogMaxSize)"),
  /** The mesh does not log what tells plaintext calls and their callers. */
  FORMAT(
      "have the mesh log every call, with %UPSTREAM_CLUSTER%, %PROTOCOL%, %REQUESTED_SERVER_NAME%"
          + " and the addresses of connections"),
  /** The mesh does not log all calls, which leaves no trace once it does again. */
  LEFT_OUT("have the mesh log every call (Telemetry accessLogging, without a filter)"),
  /** A pod ended, and nobody reads what it wrote last. */
  POD_ENDED("let its pods live for a whole window, or shorten the window"),
  /** They do not tell who called, or could not be read: clients write headers into them. */
  HIDDEN(
      "larger logs do not help; X-Forwarded-For hides nobody where the mesh logs"
          + " %DOWNSTREAM_DIRECT_REMOTE_ADDRESS%"),
  /**
   * Connections asked for a server name such as Istio's, which any client may choose, and the
   * format does not say whether the proxy ended their TLS. They concern only counts of connections:
   * of requests a proxy knows nothing when it cannot read them.
   */
  NAME_ALONE("have the mesh log %DOWNSTREAM_TLS_VERSION% or %DOWNSTREAM_PEER_URI_SAN%"),
  /** More was written within a second than is read of it. */
  FLOODED("larger logs do not help, unless the calls become fewer"),
  /** More clients called than are kept. */
  TOO_MANY_CLIENTS("larger logs do not help, unless the clients become fewer");

  private final String remedy;

  LineLoss(String remedy) {
    this.remedy = remedy;
  }

  /** Returns what to do when it comes again and again, in words that continue a sentence. */
  public String remedy() {
    return remedy;
  }
}
