// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import io.mtlsmigration.plan.Problem;
import java.util.List;

/**
 * One entry of a plan's list of exceptions as parsed, by the same schema and rules.
 *
 * @param problems invalid values; pointers are those of the exception's body
 */
public record ExceptionReading(PolicyException exception, List<Problem> problems) {

  private static final String ENTRY = "/exceptions/0";

  public ExceptionReading {
    problems = List.copyOf(problems);
  }

  public static ExceptionReading ofBody(JsonNode body) {
    ObjectNode plan = JsonNodeFactory.instance.objectNode().put("name", "plan");
    plan.putArray("exceptions").add(body.isMissingNode() ? plan.objectNode() : body);
    PlanReading reading = PlanReading.ofBody(plan);
    return new ExceptionReading(
        reading.spec().exceptions().getFirst(),
        reading.problems(List.of()).stream()
            .map(
                problem ->
                    new Problem(
                        problem.pointer().substring(ENTRY.length()),
                        problem.code(),
                        problem.detail()))
            .toList());
  }
}
