package io.mtlsmigration.kubernetes.resource;

import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Writes the custom resource definitions from the Java model, and what annotations cannot say. */
final class Schemas implements CRDPostProcessor {

  private Schemas() {}

  /** Two files, named by plural, group and version. */
  static void write(Path folder) {
    new CRDGenerator()
        .customResourceClasses(MigrationPlan.class, NamespaceMigration.class)
        .forCRDVersions("v1")
        .withPostProcessor(new Schemas())
        .inOutputDir(folder.toFile())
        .generate();
  }

  @Override
  public HasMetadata process(HasMetadata generated, String crdSpecVersion) {
    CustomResourceDefinition definition = (CustomResourceDefinition) generated;
    for (CustomResourceDefinitionVersion version : definition.getSpec().getVersions()) {
      version.setAdditionalPrinterColumns(ordered(version.getAdditionalPrinterColumns()));
      JSONSchemaProps root = version.getSchema().getOpenAPIV3Schema();
      root.setRequired(List.of("spec"));
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

  /** A list whose elements are told apart by a field, which is then unique. */
  private static void identified(Map<String, JSONSchemaProps> fields, String name, String key) {
    JSONSchemaProps list = fields.get(name);
    if (list != null) {
      list.setXKubernetesListType("map");
      list.setXKubernetesListMapKeys(List.of(key));
    }
  }
}
