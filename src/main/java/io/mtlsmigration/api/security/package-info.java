/**
 * Authentication, authorization and the audit record of the API. Open without an identity are only
 * the files of the page, the OpenAPI document and the management port; everything under {@code
 * /api} needs an identity, and each operation a rule of {@link
 * io.mtlsmigration.api.security.AccessRules}.
 */
@NullMarked
package io.mtlsmigration.api.security;

import org.jspecify.annotations.NullMarked;
