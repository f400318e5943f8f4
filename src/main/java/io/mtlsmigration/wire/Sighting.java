package io.mtlsmigration.wire;

import java.time.Instant;

/**
 * A connection that was seen, before anybody knows whose it is.
 *
 * @param at when its first packet was seen
 */
public record Sighting(Flow flow, Instant at, Judgement judgement, WireAnswer answer) {}
