// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import java.util.List;

/** A computed wave: namespaces that may move together. */
public record Wave(String name, List<Member> members) {
  public Wave {
    members = List.copyOf(members);
  }

  /**
   * A namespace and its place.
   *
   * @param reason the reason for the place, in words
   * @param joined whether it joined, or was made anew, after the plan had started, so that the
   *     plan's author did not know of it
   */
  public record Member(String namespace, String reason, boolean joined) {

    public Member(String namespace, String reason) {
      this(namespace, reason, false);
    }
  }

  public List<String> namespaces() {
    return members.stream().map(Member::namespace).toList();
  }
}
