/** Adds to the OpenAPI document, at build time, what annotations would say over and over. */
@NullMarked
package io.mtlsmigration.api.openapi;

import org.jspecify.annotations.NullMarked;
