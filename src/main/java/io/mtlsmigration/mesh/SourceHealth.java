package io.mtlsmigration.mesh;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How fresh one source of facts is.
 *
 * @param source such as {@code kubernetes/pods} or {@code traffic}
 * @param asOf when it last answered completely; null when it never did
 * @param problem empty when the source is healthy
 */
public record SourceHealth(String source, @Nullable Instant asOf, String problem) {}
