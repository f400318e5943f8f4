package io.mtlsmigration.rollout;

/**
 * Port: calls the webhooks of plans. Every method returns at once, with what is known; the calls
 * are made beside the loop, and made again as long as the loop keeps asking. None throws for a hook
 * that is down.
 */
public interface HookCaller {

  /** Where no hooks can be called: a plan that has some is held, one that has none is not. */
  HookCaller NOT_CONFIGURED =
      new HookCaller() {
        @Override
        public Answer ask(HookCall call) {
          return new Answer.Pending("hooks are not configured in this service");
        }

        @Override
        public Delivery tell(HookCall call) {
          return new Delivery.Pending("hooks are not configured in this service");
        }
      };

  /** A hook's consent. An answer that has grown old does not count; a new one is asked for. */
  Answer ask(HookCall call);

  /** Tells a hook what has happened, again and again until it has taken it. */
  Delivery tell(HookCall call);

  /** Closed set: silence is not consent. */
  sealed interface Answer {
    /** It answered 2xx, lately. */
    record Accepted() implements Answer {}

    /** It answered, and said no. */
    record Refused(String detail) implements Answer {}

    /**
     * No answer that counts; {@code detail} names the hook and says the same as long as it is so.
     */
    record Pending(String detail) implements Answer {}
  }

  /** Closed set: what became of telling. */
  sealed interface Delivery {
    /** It answered 2xx. */
    record Delivered() implements Delivery {}

    /**
     * Not yet.
     *
     * @param problem what went wrong when it was last tried; empty when nothing has
     */
    record Pending(String problem) implements Delivery {}

    /** It was tried for long enough, and is given up. */
    record Failed(String problem) implements Delivery {}
  }
}
