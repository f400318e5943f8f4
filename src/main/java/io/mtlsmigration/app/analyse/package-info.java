/** The command that analyses manifests in files, for pipelines: no server, no cluster. */
@NullMarked
package io.mtlsmigration.app.analyse;

import org.jspecify.annotations.NullMarked;
