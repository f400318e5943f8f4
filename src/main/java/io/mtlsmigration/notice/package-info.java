/**
 * Notices: what of the history of plans somebody has to know, who asked to be told, and what of it
 * was told already. Their form and their delivery are for {@code hook}.
 */
@NullMarked
package io.mtlsmigration.notice;

import org.jspecify.annotations.NullMarked;
