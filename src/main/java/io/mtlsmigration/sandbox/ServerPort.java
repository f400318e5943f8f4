// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

/** A container port of a pod, with its application's protocol. */
record ServerPort(String namespace, String pod, int port, PortProtocol protocol) {}
