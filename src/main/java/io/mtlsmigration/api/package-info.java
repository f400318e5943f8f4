/**
 * REST v1: resources under {@code /api/v1}. They read the core's answers and speak its commands;
 * they decide nothing themselves. What the names mean to clients is fixed, so a change here is a
 * change of {@code openapi.yaml}.
 */
@NullMarked
package io.mtlsmigration.api;

import org.jspecify.annotations.NullMarked;
