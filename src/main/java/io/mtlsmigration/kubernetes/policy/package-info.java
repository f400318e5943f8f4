/**
 * Writes PeerAuthentications on a real API server, for {@code rollout.PolicyWriter}, and the dry
 * run of STRICT, for {@code rollout.DryRunPolicies}.
 *
 * <p>An existing object is changed by a JSON merge patch that holds only the difference, under the
 * object's uid and resourceVersion (docs/decisions/0007-a-lease-that-does-not-fence.md).
 * Server-side apply is not used: it names all fields that a manager wants, and the API server
 * removes fields by ownership, so whether a port's mode is restored would depend on who wrote it
 * last; and a forced apply takes over fields of a controller. The owners of the fields are read
 * from {@code metadata.managedFields} of the very version that the patch demands, so the judgement
 * cannot be outdated.
 */
@NullMarked
package io.mtlsmigration.kubernetes.policy;

import org.jspecify.annotations.NullMarked;
