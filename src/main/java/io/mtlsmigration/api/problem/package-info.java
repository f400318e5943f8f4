/** Errors of calls as RFC 9457 problem details: one catalogue, one shape. */
@NullMarked
package io.mtlsmigration.api.problem;

import org.jspecify.annotations.NullMarked;
