// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app.client;

import java.io.InputStream;
import java.io.PrintStream;

/** The streams that a command reads and prints. */
public record Streams(InputStream in, PrintStream out, PrintStream err) {}
