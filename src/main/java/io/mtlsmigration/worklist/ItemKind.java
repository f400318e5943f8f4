package io.mtlsmigration.worklist;

/** What somebody has to do. */
public enum ItemKind {
  /** Give a workload that was seen to send plaintext a proxy. */
  INJECT_CLIENT,
  /** Give a workload that serves without a proxy one. */
  INJECT_SERVER,
  /** Restart a workload: injection is asked for, and its pods are older. */
  RESTART_POD,
  /** Take TLS settings that turn mutual TLS off out of a DestinationRule. */
  FIX_DESTINATION_RULE,
  /** Have Prometheus scrape the proxy in place of the application. */
  MOVE_SCRAPE_PORT,
  /** Have injection rewrite the kubelet's probes. */
  REWRITE_PROBE,
  /** Find out why a workload with a proxy sends plaintext past it. */
  FIX_CLIENT,
  /** Find out who sends plaintext: no name, or nothing of that name is there now. */
  IDENTIFY_CLIENT,
  /** Keep a port open for clients that can have no proxy. */
  GIVE_EXCEPTION,
  /** Mend or move a policy. */
  FIX_POLICY,
  /** Clear another hazard. */
  CLEAR_HAZARD,
  /** Let a person's policy be taken over. */
  ADOPT_POLICY,
  /** Have calls or probes measured: nobody can say who would be refused. */
  MEND_EVIDENCE,
  /** Have access logs kept for as long as the window, or do without them. */
  KEEP_LOGS,
  /** Choose a window as long as the pauses of the clients. */
  LENGTHEN_WINDOW,
  /** Clear another gate. */
  CLEAR_GATE,
  /** Agree to a lock. */
  APPROVE,
  /** Decide on a step that goes on only by a person. */
  DECIDE_HELD
}
