/**
 * What the facts mean: the effective mode of every port, the client's side, and who reaches whom.
 * Pure.
 */
@NullMarked
package io.mtlsmigration.mtls;

import org.jspecify.annotations.NullMarked;
