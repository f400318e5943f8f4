// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

/** Something that the history cannot tell, in words. */
public record HistoryLimit(LimitKind kind, String message) {}
