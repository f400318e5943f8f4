// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * Reads Kubernetes manifests: any number of YAML documents, or of JSON texts one after another.
 * Lists ({@code List}, {@code PodList} …) are unrolled. Documents are read as JSON as long as they
 * are JSON, and from the first one on that is not, as YAML. Of a text that is neither, the error of
 * that syntax is told that gets further.
 *
 * <p>Hostile input costs no more than {@link ReadLimits} allow and ends in a {@link
 * ManifestException}, never in another exception or an Error.
 */
public final class ManifestReader {

  private ManifestReader() {}

  /**
   * Reads everything into memory.
   *
   * @param sourceName the source's name in problems, such as a file's name
   * @throws ManifestException with every problem found; nothing is returned beside problems
   * @throws IOException when the stream itself fails
   */
  public static Manifests read(InputStream in, String sourceName, ReadLimits limits)
      throws IOException {
    List<Manifest> objects = new ArrayList<>();
    forEach(in, sourceName, limits, objects::add);
    return new Manifests(objects);
  }

  /** Reads a text, with {@link ReadLimits#DEFAULT}. */
  public static Manifests read(String text, String sourceName) {
    try {
      return read(
          new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
          sourceName,
          ReadLimits.DEFAULT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Hands over each object as soon as it is read and retains none: for dumps of whole clusters.
   *
   * @throws ManifestException at the end, or as soon as nothing more can be read; objects handed
   *     over before are then only a part of the source and should be dropped
   * @throws IOException when the stream itself fails
   */
  public static void forEach(
      InputStream in, String sourceName, ReadLimits limits, Consumer<Manifest> out)
      throws IOException {
    ProblemLog problems = new ProblemLog(sourceName, limits.maxProblems());
    Documents.Count count = new Documents.Count();
    parse(
        in,
        limits,
        problems,
        document ->
            new TreeBuilder(
                limits, problems, document, new Documents(limits, problems, document, count, out)));
    problems.throwIfAny();
  }

  /**
   * Reads a single document that is no Kubernetes object, such as the mesh configuration or a plan.
   *
   * @return a null node when the text is empty
   * @throws ManifestException when it is malformed, or not single
   */
  public static JsonNode tree(String yaml, String sourceName, ReadLimits limits) {
    ProblemLog problems = new ProblemLog(sourceName, limits.maxProblems());
    SingleTree sink = new SingleTree(problems);
    try {
      parse(
          new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)),
          limits,
          problems,
          document -> new TreeBuilder(limits, problems, document, sink));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    problems.throwIfAny();
    return sink.tree;
  }

  private static void parse(
      InputStream in, ReadLimits limits, ProblemLog problems, IntFunction<TreeBuilder> builders)
      throws IOException {
    LastDocument documents = new LastDocument(builders);
    try {
      Reader text = new SourceText(in, limits.maxBytes()).reader();
      JsonDocuments json = new JsonDocuments(text, JsonTrees.factory(limits));
      JsonTrees.End end = new JsonTrees(limits, problems, documents).read(json);
      if (json.hasRest()) {
        new YamlTrees(problems, documents, end, json.malformed()).read(json.rest());
      }
    } catch (ProblemLog.Stop stop) {
      problems.throwIfAny();
    } catch (SourceText.TooLargeException e) {
      giveUp(problems, documents.last, "larger than the limit of " + limits.maxBytes() + " bytes");
    } catch (CharacterCodingException e) {
      giveUp(problems, documents.last, "is not UTF-8");
    }
  }

  private static void giveUp(ProblemLog problems, int document, String message) {
    try {
      problems.add(document, Mark.UNKNOWN, "", message);
    } catch (ProblemLog.Stop stop) {
      // The log is full; its problems are thrown next.
    }
    problems.throwIfAny();
  }

  private static final class LastDocument implements IntFunction<TreeBuilder> {
    private final IntFunction<TreeBuilder> builders;
    private int last = 1;

    LastDocument(IntFunction<TreeBuilder> builders) {
      this.builders = builders;
    }

    @Override
    public TreeBuilder apply(int document) {
      last = document;
      return builders.apply(document);
    }
  }

  private static final class SingleTree implements TreeBuilder.Sink {
    private final ProblemLog problems;
    private JsonNode tree = NullNode.getInstance();
    private int documents;

    SingleTree(ProblemLog problems) {
      this.problems = problems;
    }

    @Override
    public boolean wantsItems() {
      return false;
    }

    @Override
    public void item(int index, JsonNode item, Mark at) {
      throw new IllegalStateException("no items were asked for");
    }

    @Override
    public void root(JsonNode root, Mark at, int items) {
      documents++;
      if (tree.isNull()) {
        tree = root;
      } else if (!root.isNull()) {
        problems.add(documents, at, "", "a single document is expected, but another one follows");
      }
    }
  }
}
