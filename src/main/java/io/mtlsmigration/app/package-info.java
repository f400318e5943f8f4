/**
 * Wiring: configuration, the scheduler's tick, health and metrics. It sees every other package and
 * none of them sees it; real time enters the program only here.
 */
@NullMarked
package io.mtlsmigration.app;

import org.jspecify.annotations.NullMarked;
