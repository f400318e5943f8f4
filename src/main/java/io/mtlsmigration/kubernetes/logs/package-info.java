/**
 * What proxies write into their access logs, as far as nothing else tells it: who was refused, and
 * who sends plaintext.
 */
@NullMarked
package io.mtlsmigration.kubernetes.logs;

import org.jspecify.annotations.NullMarked;
