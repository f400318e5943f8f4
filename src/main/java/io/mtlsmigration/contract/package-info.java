/**
 * The written form of a plan, the same in REST and with kubectl: one model whose annotations give
 * the schema of the custom resource and the descriptions of the OpenAPI document, the validation of
 * a tree by that schema, and the conversion between the model and {@link
 * io.mtlsmigration.plan.PlanSpec}.
 */
@NullMarked
package io.mtlsmigration.contract;

import org.jspecify.annotations.NullMarked;
