// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mtlsmigration.probe.ConnectivityLog;
import io.mtlsmigration.rollout.PlanAction;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.RolloutScenario;
import io.mtlsmigration.rollout.Specs;
import io.mtlsmigration.rollout.commands.CommandException;
import io.mtlsmigration.rollout.commands.PlanCommands;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.SecurityContext;
import java.io.ByteArrayInputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is asked of a caller holds for the plan as it was then. */
final class ExceptionsResourceTest extends RolloutScenario {

  private static final String EXCEPTION =
      """
      {"namespace":"foo","selector":{"matchLabels":{"app":"httpbin"}},"port":8080,
       "owner":"team-a","reason":"scrape","expires":"2099-03-01"}\
      """;

  /** The commands of the mesh, where somebody else starts the plan right after it was looked at. */
  private PlanCommands startedMeanwhile() {
    return (PlanCommands)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {PlanCommands.class},
            (proxy, method, arguments) -> {
              try {
                Object answer = method.invoke(mesh.commands, arguments);
                if (method.getName().equals("opens")) {
                  mesh.commands.act("plan", PlanAction.START, null, "bea");
                }
                return answer;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** Returns a part of a call that has one header and no caller. */
  private static <T> T part(Class<T> type) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) ->
                arguments != null && HttpHeaders.CONTENT_TYPE.equals(arguments[0])
                    ? "application/json"
                    : null));
  }

  @Test
  @SuppressWarnings("NullAway") // nobody is asked about a draft
  void aPlanThatIsStartedMeanwhileTakesNoExceptionThatNobodyWasAskedAbout() {
    mesh.seconds(1);
    mesh.commands.create(Specs.namespaces("foo").spec(), "ann");
    ExceptionsResource resource =
        new ExceptionsResource(
            startedMeanwhile(), new Plans(mesh.ledger, new ConnectivityLog()), null, mesh.clock);
    PlanCommand command =
        new PlanCommand("plan", part(HttpHeaders.class), part(SecurityContext.class));
    byte[] body = EXCEPTION.getBytes(StandardCharsets.UTF_8);

    assertThrows(
        CommandException.Stale.class,
        () -> resource.add(command, new ByteArrayInputStream(body), null));

    assertEquals(PlanPhase.RUNNING, mesh.plan("plan").phase());
    assertEquals(List.of(), mesh.plan("plan").spec().exceptions());
  }
}
