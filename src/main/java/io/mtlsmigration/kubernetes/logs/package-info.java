/**
 * Evidence from proxies' access logs that no other source has: refused clients, and senders of
 * plaintext.
 */
@NullMarked
package io.mtlsmigration.kubernetes.logs;

import org.jspecify.annotations.NullMarked;
