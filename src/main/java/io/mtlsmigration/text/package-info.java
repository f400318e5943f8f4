/**
 * Texts by others, made safe for one medium each: names of objects, answers of servers, comments.
 * JSON needs none of it.
 */
@NullMarked
package io.mtlsmigration.text;

import org.jspecify.annotations.NullMarked;
