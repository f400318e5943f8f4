/** The page in a real browser, against the packaged service ({@code make page-test}). */
@NullMarked
package io.mtlsmigration.page;

import org.jspecify.annotations.NullMarked;
