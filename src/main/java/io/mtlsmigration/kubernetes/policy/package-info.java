/**
 * Writes PeerAuthentications on a real API server, for {@code rollout.PolicyWriter}, and the dry
 * run of STRICT, for {@code rollout.DryRunPolicies}.
 *
 * <p>What exists is changed by a JSON merge patch that holds nothing but the difference, under the
 * object's uid and resourceVersion (docs/decisions/0007-a-lease-that-does-not-fence.md). Not by
 * server-side apply: that names all that a manager wants, and the API server decides by ownership
 * what goes, so whether a port's mode is taken back would depend on who wrote it last; and forced,
 * it takes over what a controller owns. Whose fields those are is told by {@code
 * metadata.managedFields} of the very version that the patch demands, so the judgement cannot be
 * outrun.
 */
@NullMarked
package io.mtlsmigration.kubernetes.policy;

import org.jspecify.annotations.NullMarked;
