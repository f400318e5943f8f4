/** What proxies write into their access logs, as far as nothing else tells it: refusals. */
@NullMarked
package io.mtlsmigration.kubernetes.logs;

import org.jspecify.annotations.NullMarked;
