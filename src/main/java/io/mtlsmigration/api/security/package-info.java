/**
 * The door of the API: who calls, whether they may, and the record of it. Open are only the files
 * of the page, the OpenAPI document and the management port; whatever lies under {@code /api} needs
 * an identity, and each operation a rule of {@link io.mtlsmigration.api.security.AccessRules}.
 */
@NullMarked
package io.mtlsmigration.api.security;

import org.jspecify.annotations.NullMarked;
