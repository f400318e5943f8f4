/** Completes the OpenAPI document at build time with what annotations would repeat. */
@NullMarked
package io.mtlsmigration.api.openapi;

import org.jspecify.annotations.NullMarked;
