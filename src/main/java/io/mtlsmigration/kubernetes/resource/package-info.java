/**
 * The custom resources as Kubernetes stores them: {@code MigrationPlan} and {@code
 * NamespaceMigration}. The schemas in {@code k8s/base/crds} are generated from these classes, so a
 * new field here is a new field of the API. Their meaning is defined by {@code plan} and {@code
 * rollout}; {@code kubernetes.ledger} translates.
 *
 * <p>Fields that people write have descriptions for people. Every field is nullable, since a person
 * may have omitted or deleted it. A status has no enums: an older schema must not refuse a version
 * of the service with one more reason.
 */
@NullMarked
package io.mtlsmigration.kubernetes.resource;

import org.jspecify.annotations.NullMarked;
