// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

/**
 * A problem in a request.
 *
 * @param pointer JSON pointer (RFC 6901) into the plan, such as {@code /waves/1/namespaces/0}
 * @param code stable, upper snake case
 * @param detail what is wrong and what to do
 */
public record Problem(String pointer, String code, String detail) {}
