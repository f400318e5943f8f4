// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

/**
 * Limits on a source, at which the reader gives up. Every limit holds at all times, so that the
 * heap needed is bounded by them, whatever the input.
 *
 * @param maxBytes of the whole source, before decoding
 * @param maxObjects Kubernetes objects in the source, list items counted singly
 * @param maxDepth nested maps and sequences, including the document itself
 * @param maxObjectNodes values in one object, including those of its aliases
 * @param maxObjectChars characters of keys and scalars in one object, including aliases
 * @param maxKeyChars characters of one key
 * @param maxAliases anchors, and aliases, in one document
 * @param maxProblems the number of problems after which the reader stops
 */
public record ReadLimits(
    long maxBytes,
    int maxObjects,
    int maxDepth,
    int maxObjectNodes,
    int maxObjectChars,
    int maxKeyChars,
    int maxAliases,
    int maxProblems) {

  /**
   * Limits for files and dumps of whole clusters. An object of the API is at most 1.5 MiB (etcd's
   * limit of a request), nests some 25 levels (a CRD's schema) and never needs keys longer than the
   * 1 KiB of managedFields.
   */
  public static final ReadLimits DEFAULT =
      new ReadLimits(64L << 20, 1_000_000, 100, 200_000, 4 << 20, 8 << 10, 1_000, 100);

  public ReadLimits {
    if (maxBytes < 1
        || maxObjects < 1
        || maxDepth < 1
        || maxObjectNodes < 1
        || maxObjectChars < 1
        || maxKeyChars < 1
        || maxAliases < 0
        || maxProblems < 1) {
      throw new IllegalArgumentException("a limit must be positive");
    }
  }

  public ReadLimits withMaxBytes(long bytes) {
    return new ReadLimits(
        bytes,
        maxObjects,
        maxDepth,
        maxObjectNodes,
        maxObjectChars,
        maxKeyChars,
        maxAliases,
        maxProblems);
  }

  public ReadLimits withMaxObjects(int objects) {
    return new ReadLimits(
        maxBytes,
        objects,
        maxDepth,
        maxObjectNodes,
        maxObjectChars,
        maxKeyChars,
        maxAliases,
        maxProblems);
  }
}
