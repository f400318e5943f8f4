/**
 * Authenticates and authorizes callers by the cluster: TokenReview and SubjectAccessReview. Answers
 * are cached for seconds because every call needs both; a missing answer is never cached.
 */
@NullMarked
package io.mtlsmigration.kubernetes.access;

import org.jspecify.annotations.NullMarked;
