// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.worklist;

/** The kind of a task. */
public enum ItemKind {
  /** Give a proxy to a workload that was seen to send plaintext. */
  INJECT_CLIENT,
  /** Give a proxy to a workload that serves without one. */
  INJECT_SERVER,
  /** Restart a workload: injection is requested, and its pods are older. */
  RESTART_POD,
  /** Remove TLS settings that turn off mutual TLS from a DestinationRule. */
  FIX_DESTINATION_RULE,
  /** Have Prometheus scrape the proxy instead of the application. */
  MOVE_SCRAPE_PORT,
  /** Have injection rewrite the kubelet's probes. */
  REWRITE_PROBE,
  /** Name the protocol of a port that does not speak HTTP. */
  NAME_PORT,
  /** Find out why a workload with a proxy sends plaintext that bypasses it. */
  FIX_CLIENT,
  /** Identify a plaintext client: it has no name, or nothing of that name exists now. */
  IDENTIFY_CLIENT,
  /** Keep a port open for clients that can have no proxy. */
  GIVE_EXCEPTION,
  /** Correct or move a policy. */
  FIX_POLICY,
  /** Clear another hazard. */
  CLEAR_HAZARD,
  /** Allow a person's policy to be taken over. */
  ADOPT_POLICY,
  /** Have calls or probes measured: clients that would be refused are unknown. */
  MEND_EVIDENCE,
  /** Have access logs kept for as long as the window, or do without them. */
  KEEP_LOGS,
  /** Choose a window as long as the pauses of the clients. */
  LENGTHEN_WINDOW,
  /** Clear another gate. */
  CLEAR_GATE,
  /** Approve a lock. */
  APPROVE,
  /** Decide on a step that only a person can continue. */
  DECIDE_HELD
}
