// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.worklist;

import io.mtlsmigration.mesh.ObjectRef;
import org.jspecify.annotations.Nullable;

/**
 * The remedy of one hold. Holds with the same {@link Key} are one item.
 *
 * @param why in words that hold for all of them
 * @param port the subject's port that it is about; 0 for none
 */
record Cause(Key key, String why, String advice, int port) {

  /**
   * The identity of an item.
   *
   * @param kind a workload needs a proxy only once, whether it serves or calls
   */
  record Key(ItemKind kind, ObjectRef subject, String plan) {
    Key once() {
      return kind == ItemKind.INJECT_SERVER ? new Key(ItemKind.INJECT_CLIENT, subject, plan) : this;
    }
  }

  static Cause of(ItemKind kind, ObjectRef subject, String why, String advice) {
    return of(kind, subject, "", why, advice);
  }

  static Cause of(
      ItemKind kind, ObjectRef subject, @Nullable String plan, String why, String advice) {
    return new Cause(new Key(kind, subject, plan == null ? "" : plan), why, advice, 0);
  }

  Cause atPort(int next) {
    return new Cause(key, why, advice, next);
  }
}
