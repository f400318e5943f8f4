// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.access;

/**
 * The permission that a call needs: a verb on plans.
 *
 * @param plan name of the one plan; empty when it is about all of them, or about the mesh
 */
public record Permission(Verb verb, String plan) {

  /** The API group of plans. */
  public static final String GROUP = "mtls-migration.io";

  public static final String RESOURCE = "migrationplans";

  /** Returns {@code "approve" on migrationplans.mtls-migration.io "q4"}. */
  public String text() {
    String resource = "\"" + verb.text() + "\" on " + RESOURCE + "." + GROUP;
    return plan.isEmpty() ? resource : resource + " \"" + plan + "\"";
  }
}
