/**
 * Who calls, what they may do, and the record of what they did. Ports for those who know: a token's
 * owner ({@link TokenVerifier}) and a caller's permissions ({@link Authorizer}). Whatever cannot be
 * found out is neither an owner nor a permission.
 */
@NullMarked
package io.mtlsmigration.access;

import org.jspecify.annotations.NullMarked;
