// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

/** A {@code gateway.networking.k8s.io} Gateway. */
public record ApiGateway(ObjectRef ref, String className) implements OtherObject {}
