/**
 * Completes the OpenAPI document at build time with what annotations would repeat over and over.
 */
@NullMarked
package io.mtlsmigration.api.openapi;

import org.jspecify.annotations.NullMarked;
