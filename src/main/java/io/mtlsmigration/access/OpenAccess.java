// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.access;

/** Allows every call ({@link AuthMode#NONE}). */
public final class OpenAccess implements Authorizer {

  @Override
  public Decision decide(Identity who, Permission what) {
    return new Allowed();
  }

  @Override
  public boolean answersAtOnce() {
    return true;
  }
}
