/**
 * Commands that call a running service: status, plan, approve, who and the others. None of them
 * starts a server ({@code docs/cli.md}).
 */
@NullMarked
package io.mtlsmigration.app.client;

import org.jspecify.annotations.NullMarked;
