// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.resource;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import io.mtlsmigration.contract.MigrationPlanSpec;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** A plan as {@code kubectl} shows it. Cluster-scoped, since it is about the mesh. */
@Group(MigrationPlan.GROUP)
@Version(MigrationPlan.VERSION)
@ShortNames({"mtlsplan", "mtlsplans"})
@Categories({"mtls-migration"})
@AdditionalPrinterColumn(name = "Target", jsonPath = ".spec.target")
@AdditionalPrinterColumn(name = "Phase", jsonPath = ".status.phase")
@AdditionalPrinterColumn(name = "Progress", jsonPath = ".status.progress")
@AdditionalPrinterColumn(name = "Waiting", jsonPath = ".status.waiting")
@AdditionalPrinterColumn(
    name = "Ready",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].status",
    priority = 1)
@AdditionalPrinterColumn(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
@ValidationRule(
    value = "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$')",
    message =
        "the name of a plan has at most 63 lower-case letters, digits and dashes, with no dash at"
            + " the ends",
    reason = "FieldValueInvalid")
@ValidationRule(
    value =
        "!has(oldSelf.status) || !has(oldSelf.status.phase) || oldSelf.status.phase == 'DRAFT' ||"
            + " self.spec.target == oldSelf.spec.target",
    message = "target cannot be changed once a plan has been started",
    reason = "FieldValueForbidden")
@ValidationRule(
    value =
        "!has(oldSelf.status) || !has(oldSelf.status.phase) || oldSelf.status.phase == 'DRAFT' ||"
            + " (has(self.spec.scope) == has(oldSelf.spec.scope) && (!has(self.spec.scope) ||"
            + " self.spec.scope == oldSelf.spec.scope))",
    message = "scope cannot be changed once a plan has been started",
    reason = "FieldValueForbidden")
@RegisterForReflection
public class MigrationPlan extends CustomResource<MigrationPlanSpec, MigrationPlanStatus> {

  private static final long serialVersionUID = 1L;

  public static final String GROUP = "mtls-migration.io";
  public static final String VERSION = "v1";
  public static final String API_VERSION = GROUP + "/" + VERSION;
  public static final String KIND = "MigrationPlan";
  public static final String PLURAL = "migrationplans";

  /** The finalizer of a plan, removed when it has ended and its steps are gone. */
  public static final String FINALIZER = GROUP + "/plan";

  /**
   * The action to carry out: {@code start}, {@code pause}, {@code resume}, {@code abort}, {@code
   * rollback}, {@code cleanup}.
   */
  public static final String ACTION_ANNOTATION = GROUP + "/action";

  /** The subject to approve: {@code wave:NAME}, a namespace, or {@code mesh}. */
  public static final String APPROVE_ANNOTATION = GROUP + "/approve";

  /** The comment to keep with an approval. */
  public static final String COMMENT_ANNOTATION = GROUP + "/comment";

  /** A client that may fail, a workload or an address range, then a blank and the reason. */
  public static final String IGNORE_ANNOTATION = GROUP + "/ignore-client";

  /** {@code true} allows the deletion of a plan whose policies are in place; the policies stay. */
  public static final String KEEP_ANNOTATION = GROUP + "/keep-policies";
}
