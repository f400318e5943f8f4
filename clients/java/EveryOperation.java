import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mtlsmigration.client.ApiClient;
import io.mtlsmigration.client.ApiException;
import io.mtlsmigration.client.ApiResponse;
import io.mtlsmigration.client.model.Problem;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.stream.Stream;

/** Calls every operation once, as clients/operations.json says. */
final class EveryOperation {

  private final ApiClient client;
  private final ObjectMapper mapper;
  private String last = "";

  EveryOperation(ApiClient client) {
    this.client = client;
    this.mapper = client.getObjectMapper();
  }

  void calls() throws Exception {
    for (JsonNode call : mapper.readTree(new File("clients/operations.json"))) {
      int status = status(call);
      boolean expected = false;
      for (JsonNode one : call.path("status")) {
        expected |= one.asInt() == status;
      }
      Task.check(call.path("call").asText() + " is " + status, expected);
    }
  }

  private int status(JsonNode call) throws Exception {
    String[] names = call.path("call").asText().split("\\.");
    Class<?> type = Class.forName("io.mtlsmigration.client.api." + names[0] + "Api");
    Object api = type.getConstructor(ApiClient.class).newInstance(client);
    Method method =
        Stream.of(type.getMethods())
            .filter(one -> one.getName().equals(names[1] + "WithHttpInfo"))
            .filter(one -> one.getParameterCount() == 1)
            .filter(one -> one.getParameterTypes()[0].getSimpleName().startsWith("API"))
            .findFirst()
            .orElseThrow();
    try {
      var answer = (ApiResponse<?>) method.invoke(api, request(method.getParameterTypes()[0], call));
      if (names[1].equals("getPlanManifests")) {
        Task.check("the manifests are YAML", String.valueOf(answer.getData()).startsWith("# wave: "));
      }
      last = mapper.valueToTree(answer.getData()).path("id").asText(last);
      return answer.getStatusCode();
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof ApiException refusal && refusal.getCode() >= 400) {
        Problem problem = mapper.readValue(refusal.getResponseBody(), Problem.class);
        System.out.println(names[1] + ": " + problem.getDetail());
        return refusal.getCode();
      }
      throw e;
    }
  }

  private Object request(Class<?> type, JsonNode call) throws Exception {
    Object builder = type.getMethod("newBuilder").invoke(null);
    for (String part : new String[] {"path", "query", "body"}) {
      for (Map.Entry<String, JsonNode> given : call.path(part).properties()) {
        String name = given.getKey().substring(0, 1).toLowerCase() + given.getKey().substring(1);
        Method setter =
            Stream.of(builder.getClass().getMethods())
                .filter(one -> one.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(type + " has no " + name));
        Object value =
            given.getValue().asText().equals("{id}")
                ? last
                : mapper.convertValue(given.getValue(), setter.getParameterTypes()[0]);
        setter.invoke(builder, value);
      }
    }
    Method build = builder.getClass().getMethod("build");
    build.setAccessible(true);
    return build.invoke(builder);
  }
}
