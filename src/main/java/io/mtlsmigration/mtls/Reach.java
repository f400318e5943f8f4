// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

/** The predicted result of a connection. */
public enum Reach {
  OK,
  REFUSED
}
