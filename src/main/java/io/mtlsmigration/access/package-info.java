/**
 * Authentication and authorization of callers, and the record of their calls. Ports: the identity
 * of a token ({@link TokenVerifier}) and the permissions of a caller ({@link Authorizer}). What
 * cannot be determined is neither an identity nor a permission.
 */
@NullMarked
package io.mtlsmigration.access;

import org.jspecify.annotations.NullMarked;
