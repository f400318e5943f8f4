// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.Timer;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A native binary is made with all classes initialised: what their static fields hold is written
 * into it, and what their initialisers read was the state of the machine that built it. The builder
 * refuses an address, a thread or an open file there; a random seed or an environment variable it
 * takes without a word.
 */
final class BuildTimeStateTest {

  /** What belongs to a running process. */
  private static final List<Class<?>> OF_A_PROCESS =
      List.of(
          Clock.class,
          Closeable.class,
          Executor.class,
          Future.class,
          InetAddress.class,
          Process.class,
          RandomGenerator.class,
          SocketAddress.class,
          Thread.class,
          Timer.class);

  /** Closeable, and nothing but memory. */
  private static final List<Class<?>> IN_MEMORY =
      List.of(ByteArrayInputStream.class, ByteArrayOutputStream.class);

  /** Takes an address apart that is written out, without asking anybody, and keeps its bytes. */
  private static final Set<String> READ_LITERALS = Set.of("io.mtlsmigration.mesh.Cidr.parse");

  /** Owners of whom nothing may be called, by name: classes, and packages that end with a dot. */
  private static final List<String> READ_THE_MACHINE =
      List.of(
          "java.io.File",
          "java.lang.Process",
          "java.lang.Runtime",
          "java.lang.Thread",
          "java.net.",
          "java.net.http.",
          "java.nio.channels.",
          "java.nio.file.Files",
          "java.security.SecureRandom",
          "java.util.Random",
          "java.util.Timer",
          "java.util.concurrent.Executors",
          "java.util.concurrent.ThreadLocalRandom",
          "java.util.random.",
          "javax.net.");

  private static final Set<String> SINGLE_METHODS =
      Set.of(
          "java.lang.Math.random",
          "java.lang.System.getProperty",
          "java.lang.System.getenv",
          "java.nio.charset.Charset.defaultCharset",
          "java.time.ZoneId.systemDefault",
          "java.util.Locale.getDefault",
          "java.util.TimeZone.getDefault",
          "java.util.UUID.randomUUID");

  @Test
  void keepsNothingOfAProcessInStaticFields() throws Exception {
    Set<String> held = new TreeSet<>();
    for (JavaClass type : ArchitectureTest.CLASSES) {
      Class<?> initialised = Class.forName(type.getName(), true, getClass().getClassLoader());
      for (Field field : initialised.getDeclaredFields()) {
        if (Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
          field.setAccessible(true);
          ofAProcess(field.get(null))
              .forEach(what -> held.add(initialised.getName() + "." + field.getName() + what));
        }
      }
    }

    assertEquals(Set.of(), held);
  }

  @Test
  void readsNothingOfTheMachineInStaticInitialisers() {
    Set<String> read = new TreeSet<>();
    for (JavaClass type : ArchitectureTest.CLASSES) {
      type.getStaticInitializer()
          .ifPresent(
              initialiser ->
                  callsFrom(initialiser).stream()
                      .filter(BuildTimeStateTest::readsTheMachine)
                      .forEach(call -> read.add(type.getName() + ": " + call.getDescription())));
    }

    assertEquals(Set.of(), read);
  }

  /** What is reached from a value through our own objects, arrays and collections. */
  private static List<String> ofAProcess(@Nullable Object root) throws IllegalAccessException {
    Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Object> open = new ArrayDeque<>();
    Set<String> found = new LinkedHashSet<>();
    add(open, root);
    while (!open.isEmpty()) {
      Object value = open.pop();
      if (!seen.add(value)) {
        continue;
      }
      if (isOneOf(OF_A_PROCESS, value) && !isOneOf(IN_MEMORY, value)) {
        found.add(" holds a " + value.getClass().getName());
      }
      addHeldBy(value, open);
    }
    return List.copyOf(found);
  }

  private static boolean isOneOf(List<Class<?>> types, Object value) {
    return types.stream().anyMatch(type -> type.isInstance(value));
  }

  private static void addHeldBy(Object value, Deque<Object> open) throws IllegalAccessException {
    switch (value) {
      case Map<?, ?> map -> {
        map.keySet().forEach(key -> add(open, key));
        map.values().forEach(held -> add(open, held));
      }
      case java.nio.file.Path path -> {} // an Iterable of itself
      case Iterable<?> all -> all.forEach(held -> add(open, held));
      case Optional<?> perhaps -> perhaps.ifPresent(held -> add(open, held));
      case Object array when array.getClass().isArray() -> {
        for (int i = 0; i < Array.getLength(array); i++) {
          add(open, Array.get(array, i));
        }
      }
      case Object ours when ours.getClass().getName().startsWith("io.mtlsmigration.") -> {
        for (Field field : fields(ours.getClass())) {
          field.setAccessible(true);
          add(open, field.get(ours));
        }
      }
      default -> {}
    }
  }

  private static void add(Deque<Object> open, @Nullable Object value) {
    if (value != null) {
      open.push(value);
    }
  }

  /** Of instances, those of our superclasses too. */
  private static List<Field> fields(Class<?> type) {
    return Stream.<Class<?>>iterate(
            type, each -> each.getName().startsWith("io.mtlsmigration."), Class::getSuperclass)
        .flatMap(each -> Arrays.stream(each.getDeclaredFields()))
        .filter(field -> !Modifier.isStatic(field.getModifiers()))
        .toList();
  }

  /** Calls that run when a class is initialised: its own, and those of our code that it calls. */
  private static Set<JavaCall<?>> callsFrom(JavaCodeUnit initialiser) {
    Set<JavaCodeUnit> seen = new LinkedHashSet<>();
    Set<JavaCall<?>> calls = new LinkedHashSet<>();
    Deque<JavaCodeUnit> open = new ArrayDeque<>(List.of(initialiser));
    while (!open.isEmpty()) {
      JavaCodeUnit unit = open.pop();
      if (seen.add(unit)) {
        for (JavaCall<?> call : unit.getCallsFromSelf()) {
          // A lambda is made, not run.
          if (!call.isDeclaredInLambda()) {
            calls.add(call);
            call.getTarget()
                .resolveMember()
                .filter(
                    called ->
                        !READ_LITERALS.contains(
                            called.getOwner().getName() + "." + called.getName()))
                .ifPresent(open::push);
          }
        }
      }
    }
    return calls;
  }

  private static boolean readsTheMachine(JavaCall<?> call) {
    CodeUnitAccessTarget target = call.getTarget();
    String owner = target.getOwner().getName();
    if (owner.equals("java.net.URI")) {
      return false;
    }
    return ArchitectureTest.readsTheMachinesClock(call)
        || SINGLE_METHODS.contains(owner + "." + target.getName())
        || READ_THE_MACHINE.stream()
            .anyMatch(name -> name.endsWith(".") ? owner.startsWith(name) : owner.equals(name));
  }
}
