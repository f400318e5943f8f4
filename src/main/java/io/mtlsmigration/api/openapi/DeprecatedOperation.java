package io.mtlsmigration.api.openapi;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * An operation that still works and will go (docs/api.md, "What is promised"). The document says
 * so, and so does each answer.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface DeprecatedOperation {

  /** The day since when, such as {@code 2027-03-01} (UTC). */
  String since();

  /** The day from which on it may be gone; empty while there is none. */
  String sunset() default "";

  /** What to call instead, as a sentence. */
  String instead();
}
