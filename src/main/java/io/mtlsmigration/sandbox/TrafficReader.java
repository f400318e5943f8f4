package io.mtlsmigration.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import io.mtlsmigration.manifest.Facts;
import io.mtlsmigration.manifest.Manifest;
import io.mtlsmigration.manifest.ManifestException;
import io.mtlsmigration.manifest.ManifestProblem;
import io.mtlsmigration.manifest.ManifestReader;
import io.mtlsmigration.manifest.ManifestWriter;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.ObjectRef;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads objects of {@code kind: Traffic}. Every problem is noted, with its pointer. */
final class TrafficReader {

  private static final int MAX_RATE = 100;

  private static final Pattern WORKLOAD = Pattern.compile("[^/\\s]+/[^/\\s]+");

  /** Host as a client in the cluster writes it. */
  private static final Pattern URL =
      Pattern.compile(
          "(?:http|https|tcp)://([a-z0-9-]+)\\.([a-z0-9-]+)(?:\\.svc(?:\\.cluster\\.local)?)?"
              + "(?::(\\d{1,5}))?(/\\S*)?");

  private final List<ManifestProblem> problems;
  private final List<TrafficCall> calls = new ArrayList<>();
  private final List<ScenarioEvent> events = new ArrayList<>();
  private final List<Reference> references = new ArrayList<>();
  private final List<MeshSnapshot> applied = new ArrayList<>();

  TrafficReader(List<ManifestProblem> problems) {
    this.problems = problems;
  }

  /** A name that must exist by the end. */
  private record Reference(Place place, String name, Names.Kind kind) {}

  /** Where something stands in a file. */
  private record Place(Manifest manifest, String pointer) {}

  List<TrafficCall> calls() {
    return calls;
  }

  List<ScenarioEvent> events() {
    return events;
  }

  void read(Manifest manifest) {
    if (!manifest.ref().kind().equals("Traffic")
        || !manifest.apiVersion().equals(ScenarioReader.GROUP + "/v1")) {
      problem(
          new Place(manifest, ""),
          "%s %s is not known; there is %s/v1 Traffic"
              .formatted(manifest.apiVersion(), manifest.ref().kind(), ScenarioReader.GROUP));
      return;
    }
    Node root = node(manifest, manifest.tree(), "");
    root.only("apiVersion", "kind", "metadata", "spec");
    Node spec = root.child("spec");
    spec.only("calls", "events");
    spec.each("calls", this::call);
    spec.each("events", this::event);
  }

  private void call(Node call) {
    call.only("from", "to", "rate", "start", "end");
    Optional<String> from = call.matching("from", WORKLOAD, "of the form namespace/workload");
    Optional<TrafficCall.Destination> to =
        call.matching("to", URL, "a URL such as http://httpbin.foo:8000/ip")
            .flatMap(url -> destination(call, url));
    double rate = call.number("rate", 1, MAX_RATE);
    Duration start = call.duration("start").orElse(Duration.ZERO);
    Optional<Duration> end = call.duration("end");
    if (end.isPresent() && end.get().compareTo(start) <= 0) {
      call.problem("end", "must be later than start");
    }
    from.ifPresent(name -> references.add(call.reference("from", name, Names.Kind.WORKLOAD)));
    to.ifPresent(t -> references.add(call.reference("to", t.id(), Names.Kind.SERVICE_PORT)));
    if (from.isPresent() && to.isPresent()) {
      calls.add(new TrafficCall(from.get(), to.get(), rate, start, end.orElse(null)));
    }
  }

  private static Optional<TrafficCall.Destination> destination(Node call, String url) {
    Matcher m = URL.matcher(url);
    if (!m.matches()) {
      return Optional.empty();
    }
    int port = m.group(3) == null ? 80 : Integer.parseInt(m.group(3));
    if (port < 1 || port > 65_535) {
      call.problem("to", port + " is not a port");
      return Optional.empty();
    }
    String path = m.group(4) == null ? "/" : m.group(4);
    return Optional.of(new TrafficCall.Destination(m.group(2), m.group(1), port, path));
  }

  private void event(Node event) {
    event.only("at", "apply", "delete", "inject", "fault");
    Duration at = event.required("at") ? event.duration("at").orElse(Duration.ZERO) : Duration.ZERO;
    List<String> given =
        java.util.stream.Stream.of("apply", "delete", "inject", "fault")
            .filter(event::has)
            .toList();
    if (given.size() != 1) {
      event.problem(
          "", "must have exactly one of apply, delete, inject and fault, but has " + given);
      return;
    }
    Optional<? extends ScenarioEvent.Action> action =
        switch (given.get(0)) {
          case "apply" -> apply(event);
          case "delete" -> delete(event.child("delete"));
          case "inject" -> inject(event);
          default -> fault(event.child("fault"));
        };
    action.ifPresent(a -> events.add(new ScenarioEvent(at, a)));
  }

  private Optional<ScenarioEvent.Action> apply(Node event) {
    Node object = event.child("apply");
    if (!object.node.isObject()) {
      return Optional.empty();
    }
    Manifest outer = event.manifest;
    try {
      // Written and read once more, so that what is applied passes the same checks as a file.
      Manifest inner =
          ManifestReader.read(ManifestWriter.yaml(object.node), outer.source()).objects().get(0);
      Manifest placed =
          new Manifest(
              inner.ref(),
              inner.apiVersion(),
              inner.tree(),
              outer.source(),
              outer.document(),
              outer.line(),
              object.pointer);
      Facts facts = ScenarioReader.reader().read(List.of(placed), Instant.EPOCH);
      if (!ScenarioReader.storedAnyway(placed)) {
        problems.addAll(facts.problems());
      }
      applied.add(facts.snapshot());
      return Optional.of(new ScenarioEvent.Action.Apply(placed));
    } catch (ManifestException e) {
      e.problems().forEach(p -> object.problem(p.pointer(), p.message()));
      return Optional.empty();
    }
  }

  private Optional<ScenarioEvent.Action> delete(Node delete) {
    delete.only("kind", "namespace", "name");
    Optional<String> kind = delete.text("kind");
    String namespace = delete.has("namespace") ? delete.text("namespace").orElse("") : "";
    Optional<String> name = delete.text("name");
    if (kind.isEmpty() || name.isEmpty()) {
      return Optional.empty();
    }
    if (!Names.DELETABLE.contains(kind.get())) {
      delete.problem("kind", "'" + kind.get() + "' is none of " + Names.DELETABLE);
      return Optional.empty();
    }
    ObjectRef ref = new ObjectRef(kind.get(), namespace, name.get());
    references.add(delete.reference("name", ref.toString(), Names.Kind.OBJECT));
    return Optional.of(new ScenarioEvent.Action.Delete(ref));
  }

  private Optional<ScenarioEvent.Action> inject(Node event) {
    return event
        .matching("inject", WORKLOAD, "of the form namespace/workload")
        .map(
            workload -> {
              references.add(event.reference("inject", workload, Names.Kind.WORKLOAD));
              return new ScenarioEvent.Action.Inject(workload);
            });
  }

  private Optional<ScenarioEvent.Action> fault(Node fault) {
    fault.only("kind", "target", "for");
    Optional<Fault.Kind> kind = fault.constant("kind", Fault.Kind.values());
    Optional<Duration> lasts = fault.required("for") ? fault.duration("for") : Optional.empty();
    if (lasts.isPresent() && lasts.get().isZero()) {
      fault.problem("for", "must be longer than nothing");
    }
    String target = fault.has("target") ? fault.text("target").orElse("") : "";
    if (kind.isEmpty() || lasts.isEmpty()) {
      return Optional.empty();
    }
    if (!target.isEmpty() && !kind.get().targeted()) {
      fault.problem("target", kind.get() + " strikes everything");
    } else if (!target.isEmpty()) {
      references.add(fault.reference("target", target, Names.Kind.TARGET));
    }
    return Optional.of(new ScenarioEvent.Action.Break(new Fault(kind.get(), target, lasts.get())));
  }

  /** Notes every name that neither the mesh nor an event brings about. */
  void checkReferences(MeshSnapshot mesh) {
    Names names = new Names();
    names.add(mesh);
    applied.forEach(names::add);
    for (Reference reference : references) {
      if (!names.has(reference.kind(), reference.name())) {
        problem(
            reference.place(),
            "there is no " + reference.kind().words() + " '" + reference.name() + "'");
      }
    }
  }

  private void problem(Place place, String message) {
    Manifest manifest = place.manifest();
    problems.add(
        new ManifestProblem(
            manifest.source(), manifest.document(), manifest.line(), 0, place.pointer(), message));
  }

  private Node node(Manifest manifest, JsonNode node, String pointer) {
    return new Node(manifest, node, pointer);
  }

  /** A part of a manifest. */
  private final class Node {
    private final Manifest manifest;
    private final JsonNode node;
    private final String pointer;

    Node(Manifest manifest, JsonNode node, String pointer) {
      this.manifest = manifest;
      this.node = node;
      this.pointer = pointer;
    }

    boolean has(String field) {
      return node.hasNonNull(field);
    }

    void problem(String field, String message) {
      TrafficReader.this.problem(
          new Place(
              manifest,
              field.isEmpty() || field.startsWith("/") ? pointer + field : pointer + "/" + field),
          message);
    }

    Reference reference(String field, String name, Names.Kind kind) {
      return new Reference(new Place(manifest, pointer + "/" + field), name, kind);
    }

    void only(String... fields) {
      for (Map.Entry<String, JsonNode> entry : node.properties()) {
        if (!List.of(fields).contains(entry.getKey())) {
          problem(entry.getKey(), "is not a field here; there are " + List.of(fields));
        }
      }
    }

    boolean required(String field) {
      if (!has(field)) {
        problem(field, "is required");
      }
      return has(field);
    }

    Node child(String field) {
      JsonNode child = node.path(field);
      if (!child.isObject()) {
        problem(field, "must be an object");
      }
      return TrafficReader.this.node(manifest, child, pointer + "/" + field);
    }

    void each(String field, java.util.function.Consumer<Node> use) {
      JsonNode list = node.path(field);
      if (list.isMissingNode() || list.isNull()) {
        return;
      }
      if (!list.isArray()) {
        problem(field, "must be a list");
        return;
      }
      int i = 0;
      for (JsonNode element : list) {
        Node item = TrafficReader.this.node(manifest, element, pointer + "/" + field + "/" + i++);
        if (element.isObject()) {
          use.accept(item);
        } else {
          item.problem("", "must be an object");
        }
      }
    }

    Optional<String> text(String field) {
      if (!required(field)) {
        return Optional.empty();
      }
      if (!node.path(field).isTextual()) {
        problem(field, "must be a string");
        return Optional.empty();
      }
      return Optional.of(node.path(field).textValue());
    }

    Optional<String> matching(String field, Pattern pattern, String form) {
      Optional<String> text = text(field);
      if (text.isPresent() && !pattern.matcher(text.get()).matches()) {
        problem(field, "'" + text.get() + "' is not " + form);
        return Optional.empty();
      }
      return text;
    }

    double number(String field, double absent, int most) {
      if (!has(field)) {
        return absent;
      }
      JsonNode value = node.path(field);
      if (!value.isNumber() || value.doubleValue() <= 0 || value.doubleValue() > most) {
        problem(field, "must be a number above 0 and up to " + most);
        return absent;
      }
      return value.doubleValue();
    }

    Optional<Duration> duration(String field) {
      if (!has(field)) {
        return Optional.empty();
      }
      Optional<Duration> duration = Durations.parse(node.path(field).asText());
      if (duration.isEmpty()) {
        problem(field, "'" + node.path(field).asText() + "' is no duration such as PT40S or 40s");
      }
      return duration;
    }

    <E extends Enum<E>> Optional<E> constant(String field, E[] constants) {
      Optional<String> text = text(field);
      for (E constant : constants) {
        if (text.isPresent() && constant.name().equals(text.get())) {
          return Optional.of(constant);
        }
      }
      text.ifPresent(t -> problem(field, "'" + t + "' is none of " + List.of(constants)));
      return Optional.empty();
    }
  }
}
