/**
 * Asks the cluster who calls and what they may do: TokenReview and SubjectAccessReview. Answers are
 * kept for seconds, for every call needs both; an answer that did not come is never kept.
 */
@NullMarked
package io.mtlsmigration.kubernetes.access;

import org.jspecify.annotations.NullMarked;
