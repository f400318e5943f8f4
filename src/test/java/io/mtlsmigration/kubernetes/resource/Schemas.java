// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.resource;

import static com.fasterxml.jackson.databind.SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.mtlsmigration.contract.MigrationPlanSpec;
import io.mtlsmigration.contract.PlanSpecs;
import io.mtlsmigration.plan.PlanSpec;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes the custom resource definitions from the Java model, and what annotations cannot say. */
final class Schemas implements CRDPostProcessor {

  private static final JsonMapper JSON = new JsonMapper();

  /** Neither Argo CD nor Flux deletes a definition: with it went all plans. */
  private static final Map<String, String> KEPT =
      new TreeMap<>(
          Map.of(
              "argocd.argoproj.io/sync-options",
              "Prune=false,Delete=false",
              "kustomize.toolkit.fluxcd.io/prune",
              "disabled"));

  private Schemas() {}

  /** Two files, named by plural, group and version, and the schema of a plan's spec alone. */
  static void write(Path folder, Path schema) throws IOException {
    new CRDGenerator()
        .customResourceClasses(MigrationPlan.class, NamespaceMigration.class)
        .forCRDVersions("v1")
        .withPostProcessor(new Schemas())
        .inOutputDir(folder.toFile())
        .generate();
    CustomResourceDefinition plans =
        Serialization.unmarshal(
            Files.readString(folder.resolve("migrationplans.mtls-migration.io-v1.yml")),
            CustomResourceDefinition.class);
    JSONSchemaProps spec =
        plans.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
    JsonMapper json = JsonMapper.builder().enable(ORDER_MAP_ENTRIES_BY_KEYS).build();
    Object tree = plain(json.convertValue(spec.getProperties().get("spec"), TreeMap.class));
    Files.writeString(
        schema, json.writerWithDefaultPrettyPrinter().writeValueAsString(tree) + "\n");
  }

  /**
   * Without Kubernetes' own keywords, such as rules in CEL, which no validator of schemas knows.
   */
  private static Object plain(Object tree) {
    if (tree instanceof Map<?, ?> fields) {
      fields.keySet().removeIf(name -> String.valueOf(name).startsWith("x-kubernetes-"));
      fields.values().forEach(Schemas::plain);
    } else if (tree instanceof List<?> elements) {
      elements.forEach(Schemas::plain);
    }
    return tree;
  }

  @Override
  public HasMetadata process(HasMetadata generated, String crdSpecVersion) {
    CustomResourceDefinition definition = (CustomResourceDefinition) generated;
    definition.getMetadata().setAnnotations(KEPT);
    for (CustomResourceDefinitionVersion version : definition.getSpec().getVersions()) {
      version.setAdditionalPrinterColumns(ordered(version.getAdditionalPrinterColumns()));
      JSONSchemaProps root = version.getSchema().getOpenAPIV3Schema();
      root.setRequired(List.of("spec"));
      if (definition.getSpec().getNames().getKind().equals(MigrationPlan.KIND)) {
        JSONSchemaProps spec = root.getProperties().get("spec");
        ordered(spec, MigrationPlanSpec.class);
        defaults(spec, ResourceJson.tree(PlanSpecs.write(PlanSpec.standard("plan"))));
      }
      identified(root.getProperties().get("spec").getProperties(), "waves", "name");
      identified(root.getProperties().get("status").getProperties(), "conditions", "type");
    }
    return definition;
  }

  /** The generator sorts columns by their paths; people read the age last. */
  private static List<CustomResourceColumnDefinition> ordered(
      List<CustomResourceColumnDefinition> columns) {
    List<String> order =
        List.of(
            "Plan",
            "Target",
            "Namespace",
            "Phase",
            "Progress",
            "Reason",
            "Since",
            "Waiting",
            "Message",
            "Ready",
            "Age");
    List<CustomResourceColumnDefinition> sorted = new ArrayList<>(columns);
    sorted.sort(Comparator.comparingInt(column -> order.indexOf(column.getName())));
    return sorted;
  }

  /** Choices in the order of the model, which the generator sorts. */
  private static void ordered(JSONSchemaProps schema, Class<?> type) {
    for (RecordComponent field : type.getRecordComponents()) {
      JSONSchemaProps property = schema.getProperties().get(field.getName());
      JSONSchemaProps inner =
          property.getItems() == null ? property : property.getItems().getSchema();
      Class<?> of = field.getType();
      if (field.getGenericType() instanceof ParameterizedType list
          && list.getActualTypeArguments()[0] instanceof Class<?> element) {
        of = element;
      }
      if (of.isRecord()) {
        ordered(inner, of);
      } else if (of.isEnum()) {
        inner.setEnum(
            Arrays.stream(of.getEnumConstants())
                .map(constant -> JSON.<JsonNode>valueToTree(constant))
                .toList());
      }
    }
  }

  /** The defaults of the service, wherever there is one. */
  private static void defaults(JSONSchemaProps schema, Map<?, ?> standard) {
    standard.forEach(
        (name, value) -> {
          JSONSchemaProps property = schema.getProperties().get(name);
          if (value instanceof Map<?, ?> fields) {
            property.setDefault(JSON.createObjectNode());
            defaults(property, fields);
          } else {
            property.setDefault(JSON.valueToTree(value));
          }
        });
  }

  /** A list whose elements are told apart by a field, which is then unique. */
  private static void identified(Map<String, JSONSchemaProps> fields, String name, String key) {
    JSONSchemaProps list = fields.get(name);
    if (list != null) {
      list.setXKubernetesListType("map");
      list.setXKubernetesListMapKeys(List.of(key));
    }
  }
}
