// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

/**
 * A declared port of a container.
 *
 * @param name empty when the port has none
 * @param protocol {@code TCP}, {@code UDP} or {@code SCTP}
 * @param hostPort 0 when the port is not published on the node
 */
public record ContainerPort(String name, int port, String protocol, int hostPort) {}
