package io.mtlsmigration.kubernetes.istiod;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.mtlsmigration.kubernetes.forward.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What one istiod has ztunnels enforce against plaintext, by its {@code /debug/ambientz}
 * (pilot/pkg/xds/debug.go, {@code ambientz}; since 1.23): which policies each workload has to obey,
 * and what is in them. The two are found out apart, so a workload may be told to obey one that is
 * not there; ztunnel passes over it.
 *
 * @param obeys names of policies ({@code namespace/name}) by {@code namespace/pod}; of pods in
 *     several clusters that have one name, all
 * @param policies those that were made of PeerAuthentications
 */
record AmbientPage(Map<String, List<Obeyed>> obeys, Map<String, Denial> policies) {

  private static final JsonFactory JSON = new JsonFactory();

  /** {@code GetAmbientPolicyConfigName} (pilot/pkg/model/context.go). */
  private static final String CONVERTED = "converted_peer_authentication_";

  private static final String STATIC = "istio_converted_static_strict";

  AmbientPage {
    obeys = Map.copyOf(obeys);
    policies = Map.copyOf(policies);
  }

  /** What one workload has to obey. */
  record Obeyed(String cluster, List<String> policies) {
    Obeyed {
      policies = List.copyOf(policies);
    }
  }

  /** Whether plaintext to a port of a workload is refused. */
  boolean refuses(Obeyed workload, int port) {
    return workload.policies().stream()
        .map(policies::get)
        .anyMatch(denial -> denial != null && denial.refuses(port));
  }

  /** Ports that something a workload has to obey names. */
  Set<Integer> ports(Obeyed workload) {
    Set<Integer> ports = new HashSet<>();
    for (String name : workload.policies()) {
      Denial denial = policies.get(name);
      if (denial != null) {
        denial.groups().stream()
            .flatMap(List::stream)
            .flatMap(List::stream)
            .forEach(
                match -> {
                  ports.addAll(match.ports());
                  ports.addAll(match.notPorts());
                });
      }
    }
    return ports;
  }

  /**
   * Reads the page.
   *
   * @param namespaces whose workloads matter
   * @throws IOException when the page is not what it should be, or not complete
   */
  static AmbientPage read(InputStream json, Set<String> namespaces) throws IOException {
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new FormatException("it is no object");
      }
      Map<String, List<Obeyed>> obeys = new HashMap<>();
      Map<String, Denial> policies = new HashMap<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        boolean list = parser.nextToken() == JsonToken.START_ARRAY;
        switch (list ? field : "") {
          case "workloads" -> workloads(parser, namespaces, obeys);
          case "policies" -> policies(parser, policies);
          default -> parser.skipChildren();
        }
      }
      if (parser.currentToken() != JsonToken.END_OBJECT) {
        throw new FormatException("it is cut off");
      }
      return new AmbientPage(obeys, policies);
    }
  }

  private static void workloads(
      JsonParser parser, Set<String> namespaces, Map<String, List<Obeyed>> obeys)
      throws IOException {
    while (parser.nextToken() == JsonToken.START_OBJECT) {
      String uid = "";
      String name = "";
      String namespace = "";
      String cluster = "";
      List<String> policies = new ArrayList<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        parser.nextToken();
        switch (field) {
          case "uid" -> uid = parser.getText();
          case "name" -> name = parser.getText();
          case "namespace" -> namespace = parser.getText();
          case "clusterId" -> cluster = parser.getText();
          case "authorizationPolicies" -> texts(parser, policies);
          default -> parser.skipChildren();
        }
      }
      if (uid.contains("//Pod/") && namespaces.contains(namespace)) {
        obeys
            .computeIfAbsent(namespace + "/" + name, n -> new ArrayList<>())
            .add(new Obeyed(cluster, policies));
      }
    }
  }

  private static void texts(JsonParser parser, List<String> texts) throws IOException {
    while (parser.nextToken() == JsonToken.VALUE_STRING) {
      texts.add(parser.getText());
    }
  }

  private static void policies(JsonParser parser, Map<String, Denial> policies) throws IOException {
    while (parser.nextToken() == JsonToken.START_OBJECT) {
      String name = "";
      String namespace = "";
      Denial denial = new Denial(List.of());
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        parser.nextToken();
        switch (field) {
          case "name" -> name = parser.getText();
          case "namespace" -> namespace = parser.getText();
          case "groups" -> denial = Denial.read(parser);
          default -> parser.skipChildren();
        }
      }
      if (name.startsWith(CONVERTED) || name.equals(STATIC)) {
        policies.put(namespace + "/" + name, denial);
      }
    }
  }

  /**
   * When a policy refuses: any group does, of which each rule holds, of which any match does
   * (pkg/workloadapi/security/authorization.proto). One that names something else than whether the
   * peer is known and the port is no match of plaintext here: istiod writes no other.
   */
  record Denial(List<List<List<Match>>> groups) {

    boolean refuses(int port) {
      return groups.stream()
          .anyMatch(
              rules ->
                  rules.stream()
                      .allMatch(matches -> matches.stream().anyMatch(match -> match.holds(port))));
    }

    private static Denial read(JsonParser parser) throws IOException {
      List<List<List<Match>>> groups = new ArrayList<>();
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        groups.add(rules(parser));
      }
      return new Denial(groups);
    }

    private static List<List<Match>> rules(JsonParser parser) throws IOException {
      List<List<Match>> rules = new ArrayList<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean known = parser.currentName().equals("rules");
        parser.nextToken();
        if (!known) {
          parser.skipChildren();
          continue;
        }
        while (parser.nextToken() == JsonToken.START_OBJECT) {
          rules.add(matches(parser));
        }
      }
      return rules;
    }

    private static List<Match> matches(JsonParser parser) throws IOException {
      List<Match> matches = new ArrayList<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean known = parser.currentName().equals("matches");
        parser.nextToken();
        if (!known) {
          parser.skipChildren();
          continue;
        }
        while (parser.nextToken() == JsonToken.START_OBJECT) {
          matches.add(Match.read(parser));
        }
      }
      return matches;
    }
  }

  /**
   * One condition.
   *
   * @param ports empty = all
   * @param other something that plaintext cannot be told by
   */
  record Match(Set<Integer> ports, Set<Integer> notPorts, boolean other) {

    boolean holds(int port) {
      return !other && (ports.isEmpty() || ports.contains(port)) && !notPorts.contains(port);
    }

    private static Match read(JsonParser parser) throws IOException {
      Set<Integer> ports = new HashSet<>();
      Set<Integer> notPorts = new HashSet<>();
      boolean other = false;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        parser.nextToken();
        switch (field) {
          case "destinationPorts" -> numbers(parser, ports);
          case "notDestinationPorts" -> numbers(parser, notPorts);
          // Of a peer without an identity this holds, whatever is in it.
          case "notPrincipals" -> parser.skipChildren();
          default -> {
            other = true;
            parser.skipChildren();
          }
        }
      }
      return new Match(Set.copyOf(ports), Set.copyOf(notPorts), other);
    }

    private static void numbers(JsonParser parser, Set<Integer> numbers) throws IOException {
      while (parser.nextToken() == JsonToken.VALUE_NUMBER_INT) {
        numbers.add(parser.getIntValue());
      }
    }
  }
}
