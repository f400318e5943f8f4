// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.nativeimage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.ReferencedClassObject;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.mtlsmigration.kubernetes.resource.ResourceJson;
import jakarta.ws.rs.HttpMethod;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Holds what our code reaches by reflection and by name against what the build has registered for a
 * native binary: {@code make native-sources} runs it after it has laid them. What is not registered
 * works on every JVM, and is silently absent in a binary.
 */
final class NativeRegistrations {

  private static final Path RESOURCES = Path.of("src/main/resources");

  /** Read when the application is built, and by nobody later. */
  private static final List<String> OF_THE_BUILD =
      List.of("application.properties", "openapi/", "META-INF/services/");

  /** Its providers are found by Quarkus when the application is built. */
  private static final String FOUND_BY_QUARKUS = "io.smallrye.config.ConfigSourceFactory";

  static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.mtlsmigration");

  private static NativeSources sources;

  @BeforeAll
  static void read() throws IOException {
    sources = NativeSources.read(Path.of("target/native-sources"));
  }

  @Test
  void showEveryTypeThatJacksonReadsOrWrites() {
    Set<Class<?>> reached =
        JsonReach.of(
            Stream.of(typesOfOperations(), typesBesideJackson(), views()).flatMap(types -> types));
    assertTrue(reached.size() > 150, "only " + reached.size() + " types are reached");

    assertEquals(List.of(), hidden(reached));
  }

  @Test
  void showEveryKubernetesObjectThatWeTouch() {
    Set<Class<?>> reached =
        JsonReach.of(
            CLASSES.stream()
                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .map(dependency -> dependency.getTargetClass().getBaseComponentType())
                .filter(type -> type.isAssignableTo(KubernetesResource.class))
                .map(JavaClass::reflect));
    assertTrue(reached.size() > 100, "only " + reached.size() + " types are reached");

    assertEquals(List.of(), hidden(reached));
  }

  @Test
  void nameEveryProviderOfAService() throws IOException {
    Set<String> missing = new TreeSet<>();
    for (String file : files("META-INF/services")) {
      String service = file.substring(file.lastIndexOf('/') + 1);
      for (String provider : Files.readAllLines(RESOURCES.resolve(file))) {
        boolean found =
            service.equals(FOUND_BY_QUARKUS)
                ? sources.generated().contains(provider.replace('.', '/'))
                : sources.carries(file) && sources.has(provider, "allDeclaredConstructors");
        if (!found) {
          missing.add(service + ": " + provider);
        }
      }
    }

    assertEquals(Set.of(), missing);
  }

  @Test
  void carryEveryFileThatIsReadAtRunTime() throws IOException {
    List<String> read =
        Stream.concat(
                files("").stream()
                    .filter(file -> OF_THE_BUILD.stream().noneMatch(file::startsWith)),
                sources.files().stream().filter(file -> file.startsWith("META-INF/resources/")))
            .toList();
    assertTrue(read.contains("META-INF/resources/index.html"), "the page is not there");

    assertEquals(List.of(), read.stream().filter(file -> !sources.carries(file)).toList());
  }

  /** Bodies, which no annotation says to come from elsewhere, and answers of operations. */
  private static Stream<Type> typesOfOperations() {
    return CLASSES.stream()
        .map(JavaClass::reflect)
        .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
        .filter(NativeRegistrations::isOperation)
        .flatMap(
            method ->
                Stream.of(
                        Stream.of(method.getGenericReturnType()),
                        Arrays.stream(method.getParameters())
                            .filter(parameter -> parameter.getAnnotations().length == 0)
                            .map(Parameter::getParameterizedType),
                        Arrays.stream(method.getAnnotationsByType(APIResponse.class))
                            .flatMap(answer -> Arrays.stream(answer.content()))
                            .map(content -> content.schema().implementation()))
                    .flatMap(types -> types));
  }

  private static boolean isOperation(Method method) {
    return Arrays.stream(method.getAnnotations())
        .anyMatch(each -> each.annotationType().isAnnotationPresent(HttpMethod.class));
  }

  /** Classes that are named where Jackson is called. */
  static Stream<Type> typesBesideJackson() {
    return CLASSES.stream()
        .flatMap(type -> type.getCodeUnits().stream())
        .filter(NativeRegistrations::callsJackson)
        .flatMap(unit -> unit.getReferencedClassObjects().stream())
        .map(ReferencedClassObject::getRawType)
        .map(JavaClass::reflect);
  }

  /** What answers are made of; an operation that answers with a Response does not say which. */
  private static Stream<Type> views() {
    return CLASSES.stream()
        .filter(
            type ->
                type.isRecord()
                    && (type.getPackageName().equals("io.mtlsmigration.api.view")
                        || type.getPackageName().equals("io.mtlsmigration.api.problem")))
        .map(JavaClass::reflect);
  }

  private static boolean callsJackson(JavaCodeUnit unit) {
    return unit.getMethodCallsFromSelf().stream()
        .map(JavaMethodCall::getTargetOwner)
        .anyMatch(
            owner ->
                owner.isAssignableTo(ObjectMapper.class)
                    || owner.isEquivalentTo(ResourceJson.class));
  }

  private static List<String> hidden(Set<Class<?>> types) {
    return types.stream()
        .filter(type -> !type.isInterface() && !type.isEnum())
        .filter(type -> !isShown(type))
        .map(Class::getName)
        .sorted()
        .toList();
  }

  /** Of records Jackson needs the fields too; what fabric8 has generated has setters. */
  private static boolean isShown(Class<?> type) {
    return sources.has(type.getName(), "allDeclaredConstructors")
        && (JsonReach.isMadeOnly(type) || sources.has(type.getName(), "allDeclaredMethods"))
        && (!type.isRecord() || sources.has(type.getName(), "allDeclaredFields"));
  }

  /** Names of the files in a folder of our resources, with slashes. */
  private static List<String> files(String folder) throws IOException {
    try (Stream<Path> found = Files.walk(RESOURCES.resolve(folder))) {
      return found
          .filter(Files::isRegularFile)
          .map(file -> RESOURCES.relativize(file).toString().replace('\\', '/'))
          .sorted()
          .toList();
    }
  }
}
