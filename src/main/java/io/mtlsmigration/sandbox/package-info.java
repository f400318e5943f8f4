/**
 * The embedded default: a mesh in one process. The Kubernetes API and the containers are simulated;
 * the wire is not. Every server port is a loopback listener behind a stand-in proxy that honours
 * the effective mode with real TLS, real plaintext and real resets, and every client really
 * connects, so that probes and evidence show actual behaviour.
 *
 * <p>{@link io.mtlsmigration.sandbox.Sandbox} provides the same ports as a cluster; nothing
 * specific to a sandbox is reachable through them.
 */
@NullMarked
package io.mtlsmigration.sandbox;

import org.jspecify.annotations.NullMarked;
