// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The freshness of one source of facts.
 *
 * @param source such as {@code kubernetes/pods} or {@code traffic}
 * @param asOf the time of its last complete answer; null when it never gave one
 * @param problem empty when the source is healthy
 */
public record SourceHealth(String source, @Nullable Instant asOf, String problem) {}
