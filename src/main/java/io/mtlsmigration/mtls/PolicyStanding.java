// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.PeerAuthentication;

/**
 * The result of a policy in the competition of its scope.
 *
 * @param effective true when it governs at least the scope that it names
 * @param whyNot empty when effective; else a sentence that names the winner or the rule
 */
public record PolicyStanding(
    PeerAuthentication policy, PeerAuthentication.Scope scope, boolean effective, String whyNot) {}
