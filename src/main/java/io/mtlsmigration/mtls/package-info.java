/**
 * The meaning of the facts: the effective mode of every port, the client's side, and reachability.
 * Pure.
 */
@NullMarked
package io.mtlsmigration.mtls;

import org.jspecify.annotations.NullMarked;
