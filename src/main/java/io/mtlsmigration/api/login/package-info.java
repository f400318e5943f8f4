/**
 * Login on the page: the code flow of OpenID Connect, at whose end the page holds an access token
 * that it sends like any other caller. The session behind it is a cookie that only these paths
 * read; the API does not know it.
 */
@NullMarked
package io.mtlsmigration.api.login;

import org.jspecify.annotations.NullMarked;
