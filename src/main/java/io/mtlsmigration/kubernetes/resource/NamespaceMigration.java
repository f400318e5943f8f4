// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.resource;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * One step of a plan: a namespace's migration, or the mesh's. It lives in the service's own
 * namespace, not in its target, so that no tenant can edit the ledger of previous policies.
 */
@Group(MigrationPlan.GROUP)
@Version(MigrationPlan.VERSION)
@ShortNames({"nsmig", "nsmigs"})
@Categories({"mtls-migration"})
@AdditionalPrinterColumn(name = "Plan", jsonPath = ".spec.plan")
@AdditionalPrinterColumn(name = "Namespace", jsonPath = ".spec.namespace")
@AdditionalPrinterColumn(name = "Phase", jsonPath = ".status.phase")
@AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.reason")
@AdditionalPrinterColumn(name = "Message", jsonPath = ".status.message", priority = 1)
@AdditionalPrinterColumn(
    name = "Since",
    jsonPath = ".status.since",
    type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
@RegisterForReflection
public class NamespaceMigration
    extends CustomResource<NamespaceMigrationSpec, NamespaceMigrationStatus> implements Namespaced {

  private static final long serialVersionUID = 1L;

  public static final String KIND = "NamespaceMigration";
  public static final String PLURAL = "namespacemigrations";

  /** Label that names the plan. */
  public static final String PLAN_LABEL = MigrationPlan.GROUP + "/plan";
}
