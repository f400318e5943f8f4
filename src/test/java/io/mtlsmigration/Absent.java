// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration;

import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.plan.DryRunPolicy;
import io.mtlsmigration.prometheus.QueryMeter;
import io.mtlsmigration.prometheus.UnseenEnds;
import io.mtlsmigration.rollout.DryRunPolicies;
import io.mtlsmigration.rollout.HookCall;
import io.mtlsmigration.rollout.HookCaller;
import io.mtlsmigration.rollout.InstalledRatchet;
import io.mtlsmigration.traffic.OwnProbes;
import io.mtlsmigration.traffic.SecuredCalls;
import java.time.Instant;
import java.util.function.Function;
import java.util.function.Supplier;

/** Ports of what is not there, in tests of everything else. */
public final class Absent {

  /** The port without dry runs: nothing is ever placed, so every removal succeeds. */
  public static final DryRunPolicies DRY_RUNS =
      new DryRunPolicies() {
        @Override
        public DryRunPolicies.Placement place(DryRunPolicy policy, String marker) {
          return new DryRunPolicies.Placement.Refused("a dry run of STRICT is not available here");
        }

        @Override
        public DryRunPolicies.Removal remove(String namespace, String markerPrefix) {
          return new DryRunPolicies.Removal.Gone();
        }
      };

  /** Where no pod ended unseen. */
  public static final UnseenEnds ENDS = (now, window) -> namespace -> Instant.EPOCH;

  /** The port where hooks are not configured: a plan with hooks is held, one without is not. */
  public static final HookCaller HOOKS =
      new HookCaller() {
        @Override
        public HookCaller.Answer ask(HookCall call) {
          return new HookCaller.Answer.Pending("hooks are not configured in this service");
        }

        @Override
        public HookCaller.Delivery tell(HookCall call) {
          return new HookCaller.Delivery.Pending("hooks are not configured in this service");
        }
      };

  /** The port where no ratchet is installed. */
  public static final InstalledRatchet RATCHET =
      new InstalledRatchet() {
        @Override
        public String namespace() {
          return "mtls-migration";
        }

        @Override
        public InstalledRatchet.State read() {
          return new InstalledRatchet.State.Absent("there is no ratchet here");
        }

        @Override
        public InstalledRatchet.Lift lift(String key) {
          return new InstalledRatchet.Lift.Free();
        }
      };

  /** The port for a source that identifies probes by itself. */
  public static final OwnProbes OWN_PROBES =
      new OwnProbes() {
        @Override
        public SecuredCalls answeredByAll(Instant from, Instant to) {
          return new SecuredCalls(0, 0, 0);
        }

        @Override
        public boolean madeFrom(String address, int port, WorkloadRef server, Instant at) {
          return false;
        }
      };

  /** A meter that does nothing. */
  public static final QueryMeter METER =
      new QueryMeter() {
        @Override
        public <T> T reading(
            String evidence, Supplier<T> reading, Function<? super T, String> problem) {
          return reading.get();
        }

        @Override
        public <T> T query(String name, Supplier<T> query, Function<? super T, String> problem) {
          return query.get();
        }
      };

  private Absent() {}
}
