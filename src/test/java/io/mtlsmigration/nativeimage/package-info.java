/** What a native binary carries, compared with what the code reaches by name. */
@NullMarked
package io.mtlsmigration.nativeimage;

import org.jspecify.annotations.NullMarked;
