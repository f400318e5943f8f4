// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.Inventory;
import java.time.Clock;

/**
 * The ports that the loop needs.
 *
 * @param inventory the current facts, for the one write that must not miss a namespace created
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
