/**
 * The webhooks of plans over HTTP: asked beside the loop, told until they have accepted the
 * message, and connected to only where {@link io.mtlsmigration.plan.HookTargets} allows.
 */
@NullMarked
package io.mtlsmigration.hook;

import org.jspecify.annotations.NullMarked;
