// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import jakarta.ws.rs.Produces;
import java.time.Clock;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The layout of docs/decisions/0002-packages-and-arrows.md, checked. A rule holds for a package
 * that is still empty, so packages may arrive in any order; a package that is not listed here may
 * not exist.
 */
final class ArchitectureTest {

  private static final String ROOT = "io.mtlsmigration";

  private static final Set<String> LANGUAGE = Set.of("java..", "org.jspecify..");
  private static final Set<String> MANIFEST_PARSERS =
      Set.of("com.fasterxml.jackson..", "org.snakeyaml.engine..");

  /**
   * What the annotations of a model are read by, and what judges by the schema that comes of it.
   */
  private static final Set<String> MODEL_READERS =
      Set.of(
          "com.fasterxml.jackson..",
          "com.networknt.schema..",
          "io.fabric8.generator.annotation..",
          "io.quarkus.runtime.annotations..",
          "org.eclipse.microprofile.openapi.annotations..");

  /** Third parties are everybody's choice in the adapters; only the pure packages list theirs. */
  private static final Set<String> ANY = Set.of();

  private static final List<String> PURE =
      List.of(
          "text",
          "mesh",
          "mtls",
          "traffic",
          "probe",
          "hazard",
          "plan",
          "rollout",
          "worklist",
          "backtest",
          "notice",
          "wire",
          "access");
  private static final List<String> BELOW_PLAN =
      List.of("mesh", "mtls", "traffic", "probe", "hazard");
  private static final List<String> ADAPTED = with(PURE, "manifest");
  private static final List<String> ADAPTERS =
      List.of("kubernetes", "prometheus", "hook", "sandbox");
  private static final List<String> ALL =
      Stream.of(ADAPTED, ADAPTERS, List.of("contract", "api", "app"))
          .flatMap(List::stream)
          .toList();

  /** Methods of {@link String} that take a pattern. */
  private static final Set<String> PATTERNS =
      Set.of("matches", "replaceAll", "replaceFirst", "split", "splitWithDelimiters");

  /** What finds classes and bundles by their names. */
  private static final Set<String> LOOK_UPS =
      Set.of(
          "java.lang.Class.forName",
          "java.lang.Class.getDeclaredMethod",
          "java.lang.Class.getMethod",
          "java.lang.ClassLoader.loadClass",
          "java.lang.reflect.Proxy.newProxyInstance",
          "java.util.ResourceBundle.getBundle",
          "java.util.ServiceLoader.load",
          "java.util.ServiceLoader.loadInstalled");

  /** Classes under test, without the tests themselves. */
  static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  static Stream<Arguments> arrows() {
    return Stream.of(
        arrow("text", LANGUAGE, List.of()),
        arrow("mesh", LANGUAGE, List.of()),
        arrow("mtls", LANGUAGE, List.of("mesh")),
        arrow("traffic", LANGUAGE, List.of("mesh")),
        arrow("probe", LANGUAGE, List.of("mesh", "mtls")),
        arrow("hazard", LANGUAGE, List.of("mesh", "mtls", "traffic")),
        arrow("plan", LANGUAGE, BELOW_PLAN),
        arrow("rollout", LANGUAGE, with(BELOW_PLAN, "plan")),
        arrow("worklist", LANGUAGE, with(with(BELOW_PLAN, "plan"), "rollout")),
        arrow("backtest", LANGUAGE, with(with(BELOW_PLAN, "plan"), "rollout")),
        arrow("notice", LANGUAGE, with(with(BELOW_PLAN, "plan"), "rollout")),
        arrow("wire", LANGUAGE, List.of("mesh")),
        arrow("access", LANGUAGE, List.of()),
        arrow("manifest", union(LANGUAGE, MANIFEST_PARSERS), List.of("mesh")),
        arrow("contract", union(LANGUAGE, MODEL_READERS), List.of("mesh", "plan")),
        arrow("kubernetes", ANY, with(ADAPTED, "contract")),
        arrow("prometheus", ANY, ADAPTED),
        arrow("hook", ANY, ADAPTED),
        arrow("sandbox", ANY, ADAPTED),
        arrow("api", ANY, with(ADAPTED, "contract")),
        arrow("app", ANY, ALL));
  }

  @ParameterizedTest
  @MethodSource("arrows")
  void seesOnlyPackagesThatItsArrowsAllow(
      String name, Set<String> thirdParties, List<String> packages) {
    DescribedPredicate<JavaClass> ours =
        resideInAnyPackage(
            Stream.concat(Stream.of(name), packages.stream())
                .map(ArchitectureTest::inside)
                .toArray(String[]::new));
    DescribedPredicate<JavaClass> theirs =
        thirdParties.isEmpty()
            ? not(resideInAPackage(ROOT + ".."))
            : resideInAnyPackage(thirdParties.toArray(String[]::new));

    classes()
        .that()
        .resideInAPackage(inside(name))
        .should()
        .onlyDependOnClassesThat(ours.or(theirs))
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void hasNoPackageWithoutArrows() {
    classes()
        .should()
        .resideInAnyPackage(ALL.stream().map(ArchitectureTest::inside).toArray(String[]::new))
        .check(CLASSES);
  }

  /** Rooms of the rollout, each with those that it looks into; what is above them sees none. */
  static Stream<Arguments> rooms() {
    return Stream.of(
        arguments("gates", List.of("decisions", "hooks", "commands", "loop")),
        arguments("decisions", List.of("hooks", "commands", "loop")),
        arguments("hooks", List.of("commands", "loop")),
        arguments("commands", List.of("hooks", "loop")),
        arguments("loop", List.of("commands")));
  }

  @ParameterizedTest
  @MethodSource("rooms")
  void looksIntoNoRoomThatIsNotItsOwn(String room, List<String> closed) {
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".rollout." + room)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            closed.stream().map(name -> ROOT + ".rollout." + name).toArray(String[]::new))
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".rollout")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT + ".rollout." + room)
        .because("records and ports know nothing of what is decided on them")
        .check(CLASSES);
  }

  /** Whoever searches for a name, or reads it in a stack trace, finds one class. */
  @Test
  void givesNoSimpleNameTwice() {
    Map<String, Long> names =
        CLASSES.stream()
            .filter(type -> !type.getEnclosingClass().isPresent())
            .filter(type -> !type.getSimpleName().equals("package-info"))
            .collect(Collectors.groupingBy(JavaClass::getSimpleName, Collectors.counting()));

    assertEquals(
        List.of(), names.keySet().stream().filter(name -> names.get(name) > 1).sorted().toList());
  }

  @Test
  void hasNoCycles() {
    slices()
        .matching(ROOT + ".(*)..")
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  /**
   * Files of a package have no cycles either. A sealed hierarchy is one thing, however many files
   * it has; and three values of {@code mtls} keep, or pass on, what is computed of them.
   */
  @Test
  void hasNoCyclesOfFiles() {
    slices()
        .assignedFrom(new Files())
        .should()
        .beFreeOfCycles()
        .ignoreDependency(mtls("MeshModes"), mtls("Reachability"))
        .ignoreDependency(mtls("ClientSide"), mtls("Reachability"))
        .ignoreDependency(mtls("NamespaceModes"), mtls("NamespaceTally"))
        .ignoreDependency(mtls("NamespaceModes"), mtls("Postures"))
        .ignoreDependency(mtls("NamespaceModes"), mtls("WorkloadFacts"))
        .check(CLASSES);
  }

  private static DescribedPredicate<JavaClass> mtls(String name) {
    return describe(name, type -> Files.file(type).equals(ROOT + ".mtls." + name));
  }

  /** A file each, with those of a sealed hierarchy as one. */
  private static final class Files implements SliceAssignment {

    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      return SliceIdentifier.of(
          type.getAllRawInterfaces().stream()
              .filter(parent -> parent.getPackage().equals(type.getPackage()))
              .filter(parent -> parent.reflect().isSealed())
              .map(Files::file)
              .findFirst()
              .orElseGet(() -> file(type)));
    }

    static String file(JavaClass type) {
      return type.getEnclosingClass().map(Files::file).orElseGet(type::getName);
    }

    @Override
    public String getDescription() {
      return "files";
    }
  }

  @Test
  void speaksToKubernetesInOnePackage() {
    noClasses()
        .that()
        .resideOutsideOfPackage(inside("kubernetes"))
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.fabric8..")
                .and(not(resideInAPackage("io.fabric8.generator.annotation.."))))
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void takesTimeFromAnInjectedClock() {
    noClasses()
        .that()
        .resideOutsideOfPackage(inside("app"))
        .should()
        .accessTargetWhere(
            describe("it reads the machine's clock", ArchitectureTest::readsTheMachinesClock))
        .because("tests stand in for the java.time.Clock that app hands out")
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  /** Names and answers by others must not reach a terminal or a ticket as they are. */
  @ParameterizedTest
  @CsvSource({
    "text/plain, io.mtlsmigration.text.TerminalText, of",
    "text/csv, io.mtlsmigration.text.CsvText, of",
    "text/markdown, io.mtlsmigration.api.ReportMarkdown io.mtlsmigration.api.WorklistMarkdown io.mtlsmigration.api.BacktestMarkdown, of"
  })
  void writesTextInOneWayForEachMedium(String medium, String escaper, String method) {
    List<JavaMethod> writing =
        CLASSES.stream()
            .flatMap(type -> type.getMethods().stream())
            .filter(written -> produces(written, medium))
            .toList();

    assertFalse(writing.isEmpty());
    assertEquals(
        List.of(),
        writing.stream()
            .filter(written -> !calls(written, escaper, method))
            .map(JavaMethod::getFullName)
            .toList());
  }

  private static boolean calls(JavaMethod from, String types, String method) {
    List<String> any = List.of(types.split(" ", -1));
    return from.getMethodCallsFromSelf().stream()
        .anyMatch(
            call -> any.contains(call.getTargetOwner().getName()) && call.getName().equals(method));
  }

  private static boolean produces(JavaMethod method, String medium) {
    return method.isAnnotatedWith(Produces.class)
        && Stream.of(method.getAnnotationOfType(Produces.class).value())
            .anyMatch(type -> type.startsWith(medium));
  }

  /**
   * A pattern that goes back over what it has read takes a stranger's line for minutes. CurlCommand
   * looks with bounded ones at names and addresses, which the API server has held to their form.
   */
  @Test
  void readsForeignTextWithoutPatterns() {
    noClasses()
        .that()
        .resideInAnyPackage(
            inside("wire"),
            inside("hook"),
            inside("kubernetes.forward"),
            inside("kubernetes.istiod"),
            inside("kubernetes.logs"),
            inside("kubernetes.probe"),
            inside("kubernetes.wire"))
        .and(
            describe(
                "read what strangers write",
                type -> !type.getName().equals(ROOT + ".kubernetes.probe.CurlCommand")))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.util.regex")
        .orShould()
        .accessTargetWhere(
            describe(
                "it takes a pattern",
                access ->
                    access.getTarget().getOwner().isEquivalentTo(String.class)
                        && PATTERNS.contains(access.getTarget().getName())))
        .because("pods and their clients write what is read there")
        .check(CLASSES);
  }

  /** A native binary has only what the build was told of: by an annotation, or by its settings. */
  @Test
  void looksUpNoClassByName() {
    noClasses()
        .should()
        .accessTargetWhere(
            describe(
                "it looks up by name",
                access ->
                    LOOK_UPS.contains(
                        access.getTarget().getOwner().getName()
                            + "."
                            + access.getTarget().getName())))
        .because("nothing would be found in a native binary, and nothing would say so")
        .check(CLASSES);
  }

  @Test
  void namesNoClassForItsPlumbing() {
    noClasses()
        .should()
        .haveNameMatching(".*(Util|Utils|Helper|Helpers|Manager|Impl)(\\$.*)?")
        .because("such a name says how a class came about, not what it is for")
        .check(CLASSES);
  }

  static boolean readsTheMachinesClock(JavaAccess<?> access) {
    if (!(access.getTarget() instanceof CodeUnitAccessTarget target)) {
      return false;
    }
    JavaClass owner = target.getOwner();
    String method = target.getName();
    if (owner.isEquivalentTo(System.class)) {
      return method.equals("nanoTime") || method.equals("currentTimeMillis");
    }
    if (owner.isEquivalentTo(Clock.class)) {
      return method.startsWith("system") || method.matches("tick(Millis|Seconds|Minutes)");
    }
    if (owner.isEquivalentTo(Date.class)) {
      return method.equals("<init>") && target.getRawParameterTypes().isEmpty();
    }
    return owner.getPackageName().startsWith("java.time")
        && method.equals("now")
        && target.getRawParameterTypes().stream()
            .noneMatch(type -> type.isEquivalentTo(Clock.class));
  }

  private static Arguments arrow(String name, Set<String> thirdParties, List<String> packages) {
    return argumentSet(name + " → " + packages, name, thirdParties, packages);
  }

  private static String inside(String name) {
    return ROOT + "." + name + "..";
  }

  private static List<String> with(List<String> packages, String another) {
    return Stream.concat(packages.stream(), Stream.of(another)).toList();
  }

  private static Set<String> union(Set<String> some, Set<String> others) {
    return Stream.of(some, others).flatMap(Set::stream).collect(Collectors.toUnmodifiableSet());
  }
}
