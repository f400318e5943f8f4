// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mtlsmigration.manifest.ManifestWriter;
import io.mtlsmigration.plan.AuthorizationDraft;
import io.mtlsmigration.plan.AuthorizationDraft.Rule;
import io.mtlsmigration.plan.AuthorizationDrafts;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Converts drafted AuthorizationPolicies to Kubernetes objects, and to YAML with comments on their
 * origin.
 */
final class AuthorizationManifests {

  private AuthorizationManifests() {}

  /** Returns the object of a draft, by Istio's schema. */
  static ObjectNode object(AuthorizationDraft draft) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("apiVersion", "security.istio.io/v1");
    object.put("kind", draft.ref().kind());
    object
        .putObject("metadata")
        .put("name", draft.ref().name())
        .put("namespace", draft.ref().namespace());
    ObjectNode spec = object.putObject("spec");
    spec.put("action", "ALLOW");
    if (!draft.selector().isEmpty()) {
      ObjectNode labels = spec.putObject("selector").putObject("matchLabels");
      new TreeMap<>(draft.selector()).forEach(labels::put);
    }
    ArrayNode rules = spec.putArray("rules");
    draft.rules().forEach(rule -> rules.add(rule(rule)));
    return object;
  }

  /** Returns a rule without empty lists, which Istio rejects. */
  private static ObjectNode rule(Rule rule) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    ObjectNode source = JsonNodeFactory.instance.objectNode();
    put(source, "principals", rule.principals());
    put(source, "ipBlocks", rule.ipBlocks());
    if (!source.isEmpty()) {
      node.putArray("from").addObject().set("source", source);
    }
    ObjectNode operation = JsonNodeFactory.instance.objectNode();
    put(operation, "ports", rule.ports());
    put(operation, "paths", rule.paths());
    if (!operation.isEmpty()) {
      node.putArray("to").addObject().set("operation", operation);
    }
    return node;
  }

  private static void put(ObjectNode node, String field, Collection<?> values) {
    if (!values.isEmpty()) {
      ArrayNode list = node.putArray(field);
      values.forEach(value -> list.add(value.toString()));
    }
  }

  /**
   * Returns all drafts as YAML, each after its comments.
   *
   * @param basis the plan whose exceptions apply, or the defaults
   * @param unmeasured why the evidence is narrower than the plan asks; null when it is not
   */
  static String yaml(AuthorizationDrafts drafts, String basis, @Nullable String unmeasured) {
    List<String> head = new ArrayList<>();
    head.add(
        "Drafts for %s (%s, basis %s). Nobody applies them but you: an ALLOW policy refuses"
            .formatted(drafts.namespace(), drafts.outlook(), basis));
    head.add("whatever no ALLOW policy of the same pods matches.");
    drafts.missing().forEach(missing -> head.add("missing: " + missing));
    if (unmeasured != null) {
      head.add("missing: " + unmeasured);
    }
    drafts.notes().forEach(note -> head.add("note: " + note));
    drafts
        .undrafted()
        .forEach(left -> head.add("no draft for " + left.workload() + ": " + left.reason()));
    if (drafts.policies().isEmpty()) {
      head.add(
          drafts.open().isEmpty() ? "nothing stays open: nothing to draft" : "nothing drafted");
    }
    StringBuilder text = new StringBuilder(comments(head));
    drafts.policies().forEach(draft -> text.append("---\n").append(document(draft)));
    return text.toString();
  }

  private static String document(AuthorizationDraft draft) {
    List<String> said = new ArrayList<>();
    draft.rules().forEach(rule -> said.add("rule from " + rule.origin() + ": " + rule.why()));
    draft
        .neighbours()
        .forEach(
            n -> said.add("beside " + n.policy() + " (" + n.action() + "), which " + n.effect()));
    draft.notes().forEach(note -> said.add("note: " + note));
    return comments(said) + ManifestWriter.yaml(object(draft));
  }

  /** Returns the lines as comments; a line end in a person's reason must not end the comment. */
  private static String comments(List<String> lines) {
    StringBuilder text = new StringBuilder();
    lines.forEach(
        line ->
            text.append("# ")
                .append(line.replaceAll("[\\p{Cntrl}\\u2028\\u2029]+", " "))
                .append('\n'));
    return text.toString();
  }
}
