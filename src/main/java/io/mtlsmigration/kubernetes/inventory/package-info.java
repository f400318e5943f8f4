/**
 * The mesh as a real API server reports it: implements the port {@link
 * io.mtlsmigration.mesh.Inventory}.
 *
 * <p>Each kind of {@link io.mtlsmigration.kubernetes.inventory.WatchedKinds} is listed once, page
 * by page, and watched from there on. Only the facts of each object are kept; a changed object
 * marks its namespace, and the next snapshot shares everything but the marked namespaces with the
 * one before. docs/decisions/0005 explains why fabric8's informers are not used.
 *
 * <p>Missing facts hold every gate: until every kind has been listed, and whenever one of them has
 * been silent for long, {@code observedAt} is old.
 */
@NullMarked
package io.mtlsmigration.kubernetes.inventory;

import org.jspecify.annotations.NullMarked;
