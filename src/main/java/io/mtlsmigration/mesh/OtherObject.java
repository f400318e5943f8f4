package io.mtlsmigration.mesh;

/**
 * An object of which hazards alone read something: it neither serves nor decides on modes, but it
 * is broken by a lockdown, or says who is. Each kind is stripped to what its rule reads.
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
}
