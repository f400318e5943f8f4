// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import jakarta.ws.rs.HttpMethod;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;

/** The methods that answer the API's operations, found as the framework finds them. */
public final class Handlers {

  static final List<Method> ALL =
      new ClassFileImporter()
          .importUrl(AccessRules.class.getProtectionDomain().getCodeSource().getLocation()).stream()
              .map(JavaClass::reflect)
              .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
              .filter(Handlers::answers)
              .toList();

  private Handlers() {}

  private static boolean answers(Method method) {
    return Arrays.stream(method.getAnnotations())
        .anyMatch(each -> each.annotationType().isAnnotationPresent(HttpMethod.class));
  }

  /** The rules that the service has when it runs. */
  public static AccessRules rules() {
    AccessRules rules = new AccessRules();
    ALL.forEach(rules::add);
    return rules;
  }
}
