package io.mtlsmigration.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.mtlsmigration.api.input.Bodies;
import io.mtlsmigration.api.input.Fields;
import io.mtlsmigration.api.input.Query;
import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import io.mtlsmigration.api.problem.ProblemDetail.FieldError;
import io.mtlsmigration.api.view.GateView;
import io.mtlsmigration.api.view.StepView;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.PlanDesk;
import io.mtlsmigration.rollout.StepAction;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.SecurityContext;
import jakarta.ws.rs.core.UriInfo;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** Commands about a step, whichever path they came by. */
@Singleton
final class StepCommands {

  static final String TAKEN = "Taken; the loop carries it out";

  private final PlanDesk desk;
  private final Plans plans;

  StepCommands(PlanDesk desk, Plans plans) {
    this.desk = desk;
    this.plans = plans;
  }

  RestResponse<StepView> act(
      String plan,
      StepKey key,
      StepAction action,
      @Nullable InputStream body,
      HttpHeaders headers,
      UriInfo uri,
      SecurityContext security) {
    Query.none(uri);
    plans.plan(plan);
    plans.step(plan, key);
    String version = EntityTags.optional(headers);
    List<FieldError> errors = new ArrayList<>();
    Fields fields =
        Fields.of(Bodies.optional(body, headers.getHeaderString(HttpHeaders.CONTENT_TYPE)), errors);
    String comment = fields.text("comment", "");
    fields.end();
    refuse(errors);
    return accepted(plan, desk.act(plan, key, action, comment, version, Caller.of(security)));
  }

  RestResponse<StepView> override(
      String plan,
      StepKey key,
      @Nullable InputStream body,
      HttpHeaders headers,
      UriInfo uri,
      SecurityContext security) {
    Query.none(uri);
    plans.plan(plan);
    plans.step(plan, key);
    String version = EntityTags.optional(headers);
    JsonNode tree = Bodies.read(body, headers.getHeaderString(HttpHeaders.CONTENT_TYPE));
    List<FieldError> errors = new ArrayList<>();
    Fields fields = Fields.of(tree, errors);
    Set<Gate> gates = gates(fields);
    String comment = fields.required("comment");
    fields.end();
    refuse(errors);
    return accepted(plan, desk.override(plan, key, gates, comment, version, Caller.of(security)));
  }

  private static Set<Gate> gates(Fields fields) {
    Set<Gate> gates = EnumSet.noneOf(Gate.class);
    int index = 0;
    for (String name : fields.texts("gates")) {
      int place = index++;
      Arrays.stream(Gate.values())
          .filter(gate -> GateView.name(gate).equals(name))
          .findFirst()
          .ifPresentOrElse(
              gates::add,
              () -> {
                if (!name.isEmpty()) {
                  fields.wrongElement("gates", place, "Expected is one of " + names());
                }
              });
    }
    if (index == 0 && !fields.has("gates")) {
      fields.wrong("gates", "REQUIRED", "Name at least one of " + names());
    } else if (index == 0) {
      fields.wrong("gates", "WRONG_VALUE", "Name at least one of " + names());
    }
    return gates;
  }

  private static String names() {
    return String.join(", ", Arrays.stream(Gate.values()).map(GateView::name).toList());
  }

  private static void refuse(List<FieldError> errors) {
    if (!errors.isEmpty()) {
      throw ApiException.of(ErrorCode.INVALID, errors);
    }
  }

  private RestResponse<StepView> accepted(String plan, StepRecord step) {
    return RestResponse.ResponseBuilder.create(
            RestResponse.Status.ACCEPTED,
            StepView.of(plans.plan(plan), step, plans.probes(step.key()), desk))
        .header(HttpHeaders.ETAG, EntityTags.of(step))
        .build();
  }
}
