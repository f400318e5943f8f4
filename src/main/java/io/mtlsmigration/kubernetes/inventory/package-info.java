/**
 * The mesh as a real API server knows it: fills the port {@link io.mtlsmigration.mesh.Inventory}.
 *
 * <p>Each kind of {@link io.mtlsmigration.kubernetes.inventory.WatchedKinds} is listed once, page
 * by page, and watched from there on. Of each object only the facts are kept; a changed object
 * marks its namespace, and the next snapshot shares everything but the marked namespaces with the
 * one before. docs/decisions/0005 says why this is not done by fabric8's informers.
 *
 * <p>What is not known holds: until every kind has been listed, and whenever one of them has not
 * been heard of for long, {@code observedAt} says so, and no gate passes on such facts.
 */
@NullMarked
package io.mtlsmigration.kubernetes.inventory;

import org.jspecify.annotations.NullMarked;
