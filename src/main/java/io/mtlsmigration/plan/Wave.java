package io.mtlsmigration.plan;

import java.util.List;

/** A computed wave: namespaces that may move together. */
public record Wave(String name, List<Member> members) {
  public Wave {
    members = List.copyOf(members);
  }

  /** A namespace and the reason for its place, in words. */
  public record Member(String namespace, String reason) {}

  public List<String> namespaces() {
    return members.stream().map(Member::namespace).toList();
  }
}
