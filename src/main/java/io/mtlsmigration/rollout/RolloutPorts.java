package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.Inventory;
import java.time.Clock;
import java.util.function.LongSupplier;

/**
 * What the loop needs of the world.
 *
 * @param inventory the facts as they are now, for the one write that must not miss a namespace born
 *     since the observation
 * @param term the lease transitions of this process' leadership; constant without a lease
 */
public record RolloutPorts(
    RolloutLedger ledger,
    PolicyWriter writer,
    HookCaller hooks,
    Inventory inventory,
    Clock clock,
    LongSupplier term) {}
