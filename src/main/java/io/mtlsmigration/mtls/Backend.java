// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.Pod;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint behind a Service port.
 *
 * @param pod null when the address is not a pod of the snapshot
 * @param targetPort the container port, which policies refer to
 */
public record Backend(@Nullable Pod pod, String ip, int targetPort, boolean ready) {}
