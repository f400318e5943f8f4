// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

/**
 * Port: calls the webhooks of plans. Every method returns at once with what is known; calls are
 * made beside the loop and repeated as long as the loop keeps asking. No method throws for a hook
 * that is down.
 */
public interface HookCaller {

  /** Asks a hook to agree. An old answer does not count; a new one is requested. */
  Answer ask(HookCall call);

  /** Tells a hook what has happened, repeatedly until the hook has accepted it. */
  Delivery tell(HookCall call);

  /** A hook's answer to a question. Closed set: silence is not consent. */
  sealed interface Answer {
    /** The hook answered 2xx recently. */
    record Accepted() implements Answer {}

    /** The hook answered, and refused. */
    record Refused(String detail) implements Answer {}

    /**
     * There is no answer that counts; {@code detail} names the hook and stays the same as long as
     * this is so.
     */
    record Pending(String detail) implements Answer {}
  }

  /** The result of telling a hook. Closed set. */
  sealed interface Delivery {
    /** The hook answered 2xx. */
    record Delivered() implements Delivery {}

    /**
     * The message has not been delivered yet.
     *
     * @param problem the error of the last attempt; empty when there was none
     */
    record Pending(String problem) implements Delivery {}

    /** Delivery was attempted for long enough and has been given up. */
    record Failed(String problem) implements Delivery {}
  }
}
