/** What the API server records of the fields of each object. */
@NullMarked
package io.mtlsmigration.kubernetes.fields;

import org.jspecify.annotations.NullMarked;
