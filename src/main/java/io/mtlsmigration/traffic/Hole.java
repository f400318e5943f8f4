// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import java.time.Instant;

/** A time in which nobody watched. */
public record Hole(Instant from, Instant until) {}
