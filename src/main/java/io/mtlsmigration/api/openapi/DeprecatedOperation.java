// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.openapi;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks an operation that still works and will be removed (docs/api.md, "What is promised"). The
 * document and each answer say so.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface DeprecatedOperation {

  /** The date of the deprecation, such as {@code 2027-03-01} (UTC). */
  String since();

  /** The first date on which it may be gone; empty while there is none. */
  String sunset() default "";

  /** The replacement, as a sentence. */
  String instead();
}
