// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

/**
 * The reason why nothing could be captured, with a remedy.
 *
 * @param reason what happened, in words
 * @param remedy what makes it possible
 */
public record WireFailure(WireFailureCode code, String reason, String remedy) {}
