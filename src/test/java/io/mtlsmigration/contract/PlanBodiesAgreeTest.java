package io.mtlsmigration.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.mtlsmigration.api.input.PlanBinder;
import io.mtlsmigration.api.problem.ProblemDetail.FieldError;
import io.mtlsmigration.testing.Seeds;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The reader of plans by the schema says of a body what the reader field by field said. */
final class PlanBodiesAgreeTest {

  @Test
  void bothReadersSayTheSame() {
    Seeds.each(
        20_000,
        draw -> {
          JsonNode body = new RandomPlanBodies(draw).body();

          PlanBinder.Bound old = PlanBinder.bind(body);
          PlanReading now = PlanReading.ofBody(body);

          assertEquals(
              firstOfEachPlace(old.errors()),
              now.problems().stream().map(e -> e.pointer() + " " + e.code()).sorted().toList(),
              body::toString);
          assertEquals(old.spec(), now.spec(), body::toString);
        });
  }

  /** What was no object was also told to have neither of two fields, at the same place. */
  private static List<String> firstOfEachPlace(List<FieldError> errors) {
    Map<String, String> codes = new TreeMap<>();
    errors.forEach(error -> codes.putIfAbsent(String.valueOf(error.pointer()), error.code()));
    return codes.entrySet().stream().map(e -> e.getKey() + " " + e.getValue()).sorted().toList();
  }
}
