/**
 * Writes PeerAuthentications on a real API server, for {@code rollout.PolicyWriter}, and the dry
 * run of STRICT, for {@code rollout.DryRunPolicies}.
 *
 * <p>What exists is changed by a JSON merge patch that holds nothing but the difference, under the
 * object's uid and resourceVersion. Not by server-side apply: that is decided in
 * docs/decisions/0005-policies-are-patched-not-applied.md. Whose fields those are is told by {@code
 * metadata.managedFields} of the very version that the patch demands, so the judgement cannot be
 * outrun.
 */
@NullMarked
package io.mtlsmigration.kubernetes.policy;

import org.jspecify.annotations.NullMarked;
