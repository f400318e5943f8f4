// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import io.mtlsmigration.access.Verb;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The verb that an operation requires of its caller. Each handler has one: the authorization filter
 * and the OpenAPI document read it, and a handler without it is refused to everybody.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Needs {

  /** One verb; none when an authenticated caller is enough. */
  Verb[] value();
}
