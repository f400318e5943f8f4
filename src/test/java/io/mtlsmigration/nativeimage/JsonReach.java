// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.nativeimage;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Stream;

/** The classes, of ours and of fabric8, that Jackson looks at when it reads or writes a type. */
final class JsonReach {

  private final Set<Class<?>> reached = new LinkedHashSet<>();

  /** Types and all that their fields, forms and annotations lead to. */
  static Set<Class<?>> of(Stream<? extends Type> types) {
    JsonReach reach = new JsonReach();
    types.forEach(reach::add);
    return reach.reached;
  }

  private void add(Type type) {
    switch (type) {
      case ParameterizedType generic -> {
        add(generic.getRawType());
        Stream.of(generic.getActualTypeArguments()).forEach(this::add);
      }
      case WildcardType wildcard -> Stream.of(wildcard.getUpperBounds()).forEach(this::add);
      case GenericArrayType array -> add(array.getGenericComponentType());
      case Class<?> array when array.isArray() -> add(array.getComponentType());
      case Class<?> plain when isLookedAt(plain) && reached.add(plain) -> addPartsOf(plain);
      default -> {}
    }
  }

  private static boolean isLookedAt(Class<?> type) {
    String name = type.getName();
    return name.startsWith("io.mtlsmigration.") || name.startsWith("io.fabric8.");
  }

  /** Jackson calls it; it does not read or write it. */
  static boolean isMadeOnly(Class<?> type) {
    return JsonSerializer.class.isAssignableFrom(type)
        || JsonDeserializer.class.isAssignableFrom(type);
  }

  private void addPartsOf(Class<?> type) {
    addNamedBy(type);
    if (type.getGenericSuperclass() != null) {
      add(type.getGenericSuperclass());
    }
    if (type.isSealed()) {
      Stream.of(type.getPermittedSubclasses()).forEach(this::add);
    }
    if (!type.isEnum() && !isMadeOnly(type)) {
      for (Field field : type.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers())
            && !Modifier.isTransient(field.getModifiers())) {
          add(field.getGenericType());
          addNamedBy(field);
        }
      }
    }
  }

  /** What annotations hand to Jackson. */
  private void addNamedBy(AnnotatedElement element) {
    JsonDeserialize reading = element.getAnnotation(JsonDeserialize.class);
    if (reading != null) {
      Stream.of(
              reading.using(),
              reading.contentUsing(),
              reading.builder(),
              reading.converter(),
              reading.keyUsing(),
              reading.as())
          .forEach(this::add);
    }
    JsonSerialize writing = element.getAnnotation(JsonSerialize.class);
    if (writing != null) {
      Stream.of(writing.using(), writing.contentUsing(), writing.converter(), writing.as())
          .forEach(this::add);
    }
    JsonSubTypes forms = element.getAnnotation(JsonSubTypes.class);
    if (forms != null) {
      Stream.of(forms.value()).forEach(form -> add(form.value()));
    }
  }
}
