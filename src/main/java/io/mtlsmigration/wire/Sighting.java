// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

import java.time.Instant;

/**
 * An observed connection before its client is resolved.
 *
 * @param at the time of its first packet
 */
public record Sighting(Flow flow, Instant at, Judgement judgement, WireAnswer answer) {}
