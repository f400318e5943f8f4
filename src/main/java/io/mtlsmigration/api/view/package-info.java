/**
 * Views of the API: records that are written as JSON, and their construction from the core's state.
 * A component that may be null in Java is nullable in {@code openapi.yaml}, and always present.
 */
@NullMarked
package io.mtlsmigration.api.view;

import org.jspecify.annotations.NullMarked;
