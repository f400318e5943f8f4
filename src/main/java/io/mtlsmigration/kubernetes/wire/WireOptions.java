// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.wire;

import java.util.Optional;

/**
 * Options for captures.
 *
 * @param device network interface of pods; the container runtime calls it {@code eth0} whatever the
 *     network plugin. Never {@code any}: between proxy and application there is plaintext on {@code
 *     lo}, and pkts does not read tcpdump's format for {@code any} (LINUX_SLL2)
 * @param maxBytes of a capture; later bytes are not read
 * @param ephemeralImage image with tcpdump, timeout and sleep for an ephemeral container, where the
 *     proxy has no tcpdump or may not use it; empty = never add one, since it stays in the pod's
 *     spec
 */
public record WireOptions(String device, int maxBytes, Optional<String> ephemeralImage) {}
