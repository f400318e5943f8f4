// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

/**
 * An object that only hazards read: it neither serves nor decides modes, but a lockdown breaks it,
 * or it shows what would break. Each kind is reduced to what its rule reads.
 */
public sealed interface OtherObject
    permits ApiServerCalls,
        ApiGateway,
        AuthorizationPolicy,
        ControllerClass,
        EnvoyFilter,
        ExternalWorkload,
        JobTemplate,
        Monitor,
        NetworkPolicy,
        Route,
        ServiceEntry,
        Telemetry {

  ObjectRef ref();

  /** Returns whether it may keep plaintext from being counted. */
  default boolean hidesPlaintext() {
    return false;
  }
}
