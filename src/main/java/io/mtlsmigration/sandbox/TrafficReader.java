// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

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
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads objects of {@code kind: Traffic}. Every problem is recorded with its pointer. */
final class TrafficReader {

  private static final int MAX_RATE = 100;

  private static final Pattern WORKLOAD = Pattern.compile("[^/\\s]+/[^/\\s]+");

  /** The syntax of a URL with a host as a client in the cluster writes it. */
  private static final Pattern URL =
      Pattern.compile(
          "(?:http|https|tcp)://([a-z0-9-]+)\\.([a-z0-9-]+)(?:\\.svc(?:\\.cluster\\.local)?)?"
              + "(?::(\\d{1,5}))?(/\\S*)?");

  /** The syntax of the address of a workload's pods. */
  private static final Pattern POD_URL =
      Pattern.compile("pod://([a-z0-9-]+)/([a-z0-9.-]+):(\\d{1,5})(/\\S*)?");

  private final List<ManifestProblem> problems;
  private final List<TrafficCall> calls = new ArrayList<>();
  private final List<ScenarioEvent> events = new ArrayList<>();
  private final List<Reference> references = new ArrayList<>();
  private final List<MeshSnapshot> applied = new ArrayList<>();

  TrafficReader(List<ManifestProblem> problems) {
    this.problems = problems;
  }

  /** A reference to a name that must exist in the end, with its place. */
  private record Reference(Part part, String field, String name, Names.Kind kind) {}

  List<TrafficCall> calls() {
    return calls;
  }

  List<ScenarioEvent> events() {
    return events;
  }

  void read(Manifest manifest) {
    Part root = Part.of(manifest, problems);
    if (!manifest.ref().kind().equals("Traffic")
        || !manifest.apiVersion().equals(ScenarioManifests.GROUP + "/v1")) {
      root.problem(
          "",
          "%s %s is not known; there is %s/v1 Traffic"
              .formatted(manifest.apiVersion(), manifest.ref().kind(), ScenarioManifests.GROUP));
      return;
    }
    root.only("apiVersion", "kind", "metadata", "spec");
    Part spec = root.child("spec");
    spec.only("calls", "events");
    spec.each("calls", this::call);
    spec.each("events", this::event);
  }

  private void call(Part call) {
    call.only("from", "to", "rate", "start", "end");
    Optional<String> from = call.matching("from", WORKLOAD, "of the form namespace/workload");
    Optional<? extends TrafficCall.To> to =
        call.matching(
                "to",
                Pattern.compile(URL.pattern() + "|" + POD_URL.pattern()),
                "a URL such as http://httpbin.foo:8000/ip, or pod://foo/httpbin:8080/ip")
            .flatMap(url -> to(call, url));
    double rate = call.number("rate", 1, MAX_RATE);
    Duration start = call.duration("start").orElse(Duration.ZERO);
    Optional<Duration> end = call.duration("end");
    if (end.isPresent() && end.get().compareTo(start) <= 0) {
      call.problem("end", "must be later than start");
    }
    from.ifPresent(name -> references.add(new Reference(call, "from", name, Names.Kind.WORKLOAD)));
    to.ifPresent(t -> references.add(reference(call, t)));
    if (from.isPresent() && to.isPresent()) {
      calls.add(new TrafficCall(from.get(), to.get(), rate, start, end.orElse(null)));
    }
  }

  private static Reference reference(Part call, TrafficCall.To to) {
    return switch (to) {
      case TrafficCall.Destination service ->
          new Reference(call, "to", service.id(), Names.Kind.SERVICE_PORT);
      case TrafficCall.Address pod ->
          new Reference(call, "to", pod.workload(), Names.Kind.WORKLOAD);
    };
  }

  private static Optional<? extends TrafficCall.To> to(Part call, String url) {
    Matcher m = POD_URL.matcher(url);
    if (!m.matches()) {
      return destination(call, url);
    }
    int port = Integer.parseInt(m.group(3));
    if (port < 1 || port > 65_535) {
      call.problem("to", port + " is not a port");
      return Optional.empty();
    }
    String path = m.group(4) == null ? "/" : m.group(4);
    return Optional.of(new TrafficCall.Address(m.group(1) + "/" + m.group(2), port, path));
  }

  private static Optional<TrafficCall.Destination> destination(Part call, String url) {
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

  private void event(Part event) {
    event.only("at", "apply", "delete", "inject", "fault");
    Duration at = event.required("at") ? event.duration("at").orElse(Duration.ZERO) : Duration.ZERO;
    List<String> given =
        Stream.of("apply", "delete", "inject", "fault").filter(event::has).toList();
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

  private Optional<ScenarioEvent.Action> apply(Part event) {
    Part object = event.child("apply");
    if (!object.tree().isObject()) {
      return Optional.empty();
    }
    Manifest outer = event.manifest();
    try {
      // Written and parsed again, so that an applied object passes the same checks as a file.
      Manifest inner =
          ManifestReader.read(ManifestWriter.yaml(object.tree()), outer.source()).objects().get(0);
      Manifest placed =
          new Manifest(
              inner.ref(),
              inner.apiVersion(),
              inner.tree(),
              outer.source(),
              outer.document(),
              outer.line(),
              object.pointer());
      Facts facts = ScenarioManifests.reader().read(List.of(placed), Instant.EPOCH);
      if (!ScenarioManifests.storedAnyway(placed)) {
        problems.addAll(facts.problems());
      }
      applied.add(facts.snapshot());
      return Optional.of(new ScenarioEvent.Action.Apply(placed));
    } catch (ManifestException e) {
      e.problems().forEach(p -> object.problem(p.pointer(), p.message()));
      return Optional.empty();
    }
  }

  private Optional<ScenarioEvent.Action> delete(Part delete) {
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
    references.add(new Reference(delete, "name", ref.toString(), Names.Kind.OBJECT));
    return Optional.of(new ScenarioEvent.Action.Delete(ref));
  }

  private Optional<ScenarioEvent.Action> inject(Part event) {
    return event
        .matching("inject", WORKLOAD, "of the form namespace/workload")
        .map(
            workload -> {
              references.add(new Reference(event, "inject", workload, Names.Kind.WORKLOAD));
              return new ScenarioEvent.Action.Inject(workload);
            });
  }

  private Optional<ScenarioEvent.Action> fault(Part fault) {
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
      references.add(new Reference(fault, "target", target, Names.Kind.TARGET));
    }
    return Optional.of(new ScenarioEvent.Action.Break(new Fault(kind.get(), target, lasts.get())));
  }

  /** Records every reference to a name that neither the mesh nor an event creates. */
  void checkReferences(MeshSnapshot mesh) {
    Names names = new Names();
    names.add(mesh);
    applied.forEach(names::add);
    for (Reference reference : references) {
      if (!names.has(reference.kind(), reference.name())) {
        reference
            .part()
            .problem(
                reference.field(),
                "there is no " + reference.kind().words() + " '" + reference.name() + "'");
      }
    }
  }
}
