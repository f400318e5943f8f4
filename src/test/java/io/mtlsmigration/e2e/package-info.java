/**
 * The bed of the end-to-end tests: a real etcd, kube-apiserver and kube-controller-manager on
 * loopback, and the packaged service as a process. {@code make e2e} builds the binaries and runs
 * every {@code *E2E} class; e2e/README.md tells how to write one.
 */
@NullMarked
package io.mtlsmigration.e2e;

import org.jspecify.annotations.NullMarked;
