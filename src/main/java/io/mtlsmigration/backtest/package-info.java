// SPDX-License-Identifier: Apache-2.0
/**
 * The backtest of a plan: when its plaintext gates would have opened, by the history of calls, and
 * which clients would have been refused since. Pure; an hour of which nothing is known is never
 * taken for silence.
 */
@NullMarked
package io.mtlsmigration.backtest;

import org.jspecify.annotations.NullMarked;
