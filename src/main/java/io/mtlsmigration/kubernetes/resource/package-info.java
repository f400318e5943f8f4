/**
 * The custom resources as Kubernetes stores them: {@code MigrationPlan} and {@code
 * NamespaceMigration}. The schemas in {@code k8s/base/crds} are generated from these classes, so a
 * field that is added here is a field of the API. What they mean is said by {@code plan} and {@code
 * rollout}; {@code kubernetes.ledger} translates.
 *
 * <p>Fields that people write are described for people; everything may be null, for a person may
 * have left it out or edited it away. A status has no enums: a version of the service that knows
 * one more reason must not be refused by a schema of yesterday.
 */
@NullMarked
package io.mtlsmigration.kubernetes.resource;

import org.jspecify.annotations.NullMarked;
