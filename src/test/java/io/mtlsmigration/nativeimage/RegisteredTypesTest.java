// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.nativeimage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What {@link NativeRegistrations} finds only once a binary's sources are laid, as far as our own
 * annotations tell it: bodies and answers of operations are registered by Quarkus.
 */
final class RegisteredTypesTest {

  @Test
  void typesThatAreNamedWhereJacksonIsCalledAreRegistered() {
    Set<String> registered =
        NativeRegistrations.CLASSES.stream()
            .filter(type -> type.isAnnotatedWith(RegisterForReflection.class))
            .map(JavaClass::reflect)
            .flatMap(RegisteredTypesTest::registered)
            .map(Class::getName)
            .collect(Collectors.toSet());
    List<String> named =
        JsonReach.of(NativeRegistrations.typesBesideJackson()).stream()
            .filter(type -> type.isRecord() && type.getName().startsWith("io.mtlsmigration."))
            .map(Class::getName)
            .toList();
    assertTrue(named.size() > 20, "only " + named.size() + " types are reached");

    assertEquals(List.of(), named.stream().filter(type -> !registered.contains(type)).toList());
  }

  /** Returns what Quarkus registers for the annotation of a type: its targets, else its nest. */
  private static Stream<Class<?>> registered(Class<?> annotated) {
    Class<?>[] targets = annotated.getAnnotation(RegisterForReflection.class).targets();
    return targets.length > 0 ? Stream.of(targets) : nest(annotated);
  }

  private static Stream<Class<?>> nest(Class<?> type) {
    return Stream.concat(
        Stream.of(type), Stream.of(type.getDeclaredClasses()).flatMap(RegisteredTypesTest::nest));
  }
}
