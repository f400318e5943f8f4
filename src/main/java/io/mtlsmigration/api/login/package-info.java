/**
 * Signing in on the page: the code flow of OpenID Connect, at whose end the page holds an access
 * token that it sends as anybody else sends theirs. The session behind it is a cookie that only
 * these paths read; the API knows nothing of it.
 */
@NullMarked
package io.mtlsmigration.api.login;

import org.jspecify.annotations.NullMarked;
