/**
 * REST v1: resources under {@code /api/v1}. They read the core's state and issue its commands; they
 * decide nothing themselves. Names are a contract with clients, so a change here is a change of
 * {@code openapi.yaml}.
 */
@NullMarked
package io.mtlsmigration.api;

import org.jspecify.annotations.NullMarked;
