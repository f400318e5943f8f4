/**
 * Gates that must hold before a lock, one class each, and the facts that several of them share.
 * Pure.
 */
@NullMarked
package io.mtlsmigration.rollout.gates;

import org.jspecify.annotations.NullMarked;
