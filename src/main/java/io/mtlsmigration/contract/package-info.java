/**
 * A plan as people write it, in REST and with kubectl alike: one model whose annotations make the
 * schema of the custom resource and the words of the OpenAPI document, the judgement of a tree by
 * that schema, and the way from the model to {@link io.mtlsmigration.plan.PlanSpec} and back.
 */
@NullMarked
package io.mtlsmigration.contract;

import org.jspecify.annotations.NullMarked;
