/**
 * Wiring: configuration, the scheduler's tick, health and metrics. It sees every other package and
 * none of them sees it; it is the only place where real time enters the program.
 */
@NullMarked
package io.mtlsmigration.app;

import org.jspecify.annotations.NullMarked;
