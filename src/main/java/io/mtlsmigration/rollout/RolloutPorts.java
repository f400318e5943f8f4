package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.Inventory;
import java.time.Clock;

/**
 * What the loop needs of the world.
 *
 * @param inventory the facts as they are now, for the one write that must not miss a namespace born
 *     since the observation
 * @param leadership asked again right before each write; its term goes into every intent
 */
public record RolloutPorts(
    RolloutLedger ledger,
    PolicyWriter writer,
    InstalledRatchet ratchet,
    HookCaller hooks,
    DryRunPolicies dryRuns,
    Inventory inventory,
    Clock clock,
    Leadership leadership) {}
