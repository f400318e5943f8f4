/**
 * What the API shows: records that are written as JSON, and how they are made of the core's
 * answers. A component that may be null in Java is nullable in {@code openapi.yaml}, and always
 * present.
 */
@NullMarked
package io.mtlsmigration.api.view;

import org.jspecify.annotations.NullMarked;
