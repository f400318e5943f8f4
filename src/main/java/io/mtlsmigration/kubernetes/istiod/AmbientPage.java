// SPDX-License-Identifier: Apache-2.0
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
 * The policies against plaintext that one istiod sends to ztunnels, from its {@code
 * /debug/ambientz} (pilot/pkg/xds/debug.go, {@code ambientz}; since 1.23): the policies that each
 * workload has to obey, and their content. The two are computed separately, so a workload may be
 * told to obey a policy that does not exist; ztunnel ignores it.
 *
 * @param obeys names of policies ({@code namespace/name}) by {@code namespace/pod}; pods of the
 *     same name in several clusters share an entry
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

  /** The policies that one workload has to obey. */
  record Obeyed(String cluster, List<String> policies) {
    Obeyed {
      policies = List.copyOf(policies);
    }
  }

  /** Returns whether plaintext to a port of a workload is refused. */
  boolean refuses(Obeyed workload, int port) {
    return workload.policies().stream()
        .map(policies::get)
        .anyMatch(denial -> denial != null && denial.refuses(port));
  }

  /** Returns the ports that the policies of a workload name. */
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
   * @param namespaces of the relevant workloads
   * @throws IOException when the page is malformed or incomplete
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
   * The condition under which a policy refuses: any group, all rules of which hold, any match of
   * which holds (pkg/workloadapi/security/authorization.proto). A match on anything but the
   * presence of a peer identity and the port is not taken as a match of plaintext here: istiod
   * writes no other.
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
   * @param other true when it also has a condition that plaintext cannot be judged by
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
          // This holds for a peer without an identity, whatever it contains.
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
