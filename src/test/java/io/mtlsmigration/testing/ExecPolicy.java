// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The admission policy {@code mtls-migration-exec} of {@code k8s/base}, judged without an API
 * server: its patterns are read from the file. That the expression around them says the same is
 * shown on a real one, in AdmissionAttackE2E.
 */
public final class ExecPolicy {

  private final List<Pattern> shapes;
  private final Pattern local;

  private ExecPolicy(List<Pattern> shapes, Pattern local) {
    this.shapes = shapes;
    this.local = local;
  }

  public static ExecPolicy read() {
    String policy;
    try {
      policy = Files.readString(Path.of("k8s/base/admission.yaml"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    int from = policy.indexOf("- name: shapes");
    int local = policy.indexOf("- name: local", from);
    return new ExecPolicy(
        Stream.of(policy.substring(from, local).split("[.]join\\(''\\)"))
            .map(ExecPolicy::strings)
            .filter(shape -> !shape.isEmpty())
            .map(Pattern::compile)
            .toList(),
        Pattern.compile(strings(policy.substring(local, policy.indexOf("validations:", local)))));
  }

  private static String strings(String expression) {
    StringBuilder all = new StringBuilder();
    Matcher string = Pattern.compile("r'([^']+)'").matcher(expression);
    while (string.find()) {
      all.append(string.group(1));
    }
    return all.toString();
  }

  public boolean allows(List<String> command) {
    return command.stream().noneMatch(a -> a.contains("|") || local.matcher(a).find())
        && shapes.stream().anyMatch(shape -> shape.matcher(String.join("|", command)).find());
  }
}
