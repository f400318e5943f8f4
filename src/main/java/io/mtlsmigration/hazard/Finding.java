// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.ObjectRef;
import java.util.List;

/**
 * One hazard found in the mesh.
 *
 * @param namespace the namespace whose lockdown it concerns
 * @param port the container port concerned, 0 when it is not about one
 * @param clients the workloads ({@code namespace/name}) that alone it would break, all of one other
 *     namespace, which caused it; {@code namespace/*} where there are many. Empty when others are
 *     concerned, too
 */
public record Finding(
    HazardCode code,
    Severity severity,
    String namespace,
    ObjectRef subject,
    int port,
    String message,
    String remedy,
    List<String> references,
    List<String> clients) {

  /**
   * The longest sentence, in bytes. It names objects by words of their authors, and stands in
   * records, and in the tokens of lists, which have to fit into a URL.
   */
  private static final int LONGEST = 1_000;

  public Finding {
    message = some(message);
    remedy = some(remedy);
    references = List.copyOf(references);
    clients = List.copyOf(clients);
  }

  /** Returns the finding as gates give it in evidence; {@link #isIn} recognises it. */
  public String evidence() {
    return named() + ": " + message;
  }

  /** Returns whether the evidence has this hazard of this subject, in whatever words. */
  public boolean isIn(List<String> evidence) {
    return evidence.stream().anyMatch(told -> told.startsWith(named() + ": "));
  }

  /** Returns a sentence, or its beginning, and how much more there is. */
  private static String some(String sentence) {
    int bytes = 0;
    for (int i = 0; i < sentence.length(); i++) {
      bytes += sentence.charAt(i) < 0x80 ? 1 : 3;
      if (bytes > LONGEST) {
        int end = Character.isLowSurrogate(sentence.charAt(i)) ? i - 1 : i;
        return sentence.substring(0, end) + "… and " + (sentence.length() - end) + " characters";
      }
    }
    return sentence;
  }

  /** Returns the hazard and its subject: the same however it is told. */
  public String named() {
    return code + " " + subject;
  }
}
