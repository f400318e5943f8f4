// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.CustomResourceDefinitionContext;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.mtlsmigration.kubernetes.resource.MigrationPlan;
import io.mtlsmigration.kubernetes.resource.NamespaceMigration;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** An API server in memory that knows the two kinds, and ledgers on it. */
final class MockCluster implements AutoCloseable {

  static final String OWN = "mtls-migration";

  final StrictServer api = new StrictServer();
  private final KubernetesMockServer server =
      new KubernetesMockServer(new Context(), new MockWebServer(), new HashMap<>(), api, false);
  private final List<ClusterLedger> ledgers = new ArrayList<>();
  final KubernetesClient client;

  MockCluster() {
    server.init();
    server.expectCustomResource(
        new CustomResourceDefinitionContext.Builder()
            .withGroup(MigrationPlan.GROUP)
            .withVersion(MigrationPlan.VERSION)
            .withKind(MigrationPlan.KIND)
            .withPlural(MigrationPlan.PLURAL)
            .withScope("Cluster")
            .withStatusSubresource(true)
            .build());
    server.expectCustomResource(
        new CustomResourceDefinitionContext.Builder()
            .withGroup(MigrationPlan.GROUP)
            .withVersion(MigrationPlan.VERSION)
            .withKind(NamespaceMigration.KIND)
            .withPlural(NamespaceMigration.PLURAL)
            .withScope("Namespaced")
            .withStatusSubresource(true)
            .build());
    client =
        server.createClient(
            builder ->
                builder.withHttpClientBuilderConsumer(
                    http -> http.addOrReplaceInterceptor("missing", new Missing())));
  }

  /** Runs once, between the answer that there is no such object and its arrival. */
  final AtomicReference<Runnable> whenMissing = new AtomicReference<>();

  /** Thrown once, where a change of an object is asked for. */
  final AtomicReference<Error> error = new AtomicReference<>();

  private final class Missing implements Interceptor {
    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
      Error next = request.method().equals("PUT") ? error.getAndSet(null) : null;
      if (next != null) {
        throw next;
      }
    }

    @Override
    public CompletableFuture<Boolean> afterFailure(
        HttpRequest.Builder request, HttpResponse<?> answer, RequestTags tags) {
      Runnable meanwhile = answer.code() == 404 ? whenMissing.getAndSet(null) : null;
      return meanwhile == null
          ? CompletableFuture.completedFuture(false)
          : CompletableFuture.runAsync(meanwhile).thenApply(done -> false);
    }
  }

  int port() {
    return server.getPort();
  }

  /** Another replica. */
  ClusterLedger replica(Clock clock) {
    return replica(clock, client);
  }

  /** The same, whose watches go another way. */
  ClusterLedger replica(Clock clock, KubernetesClient watching) {
    ClusterLedger ledger = idle(clock, watching);
    try {
      ledger.start().get(10, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    return ledger;
  }

  /** Another replica, which is not started. */
  ClusterLedger idle(Clock clock) {
    return idle(clock, client);
  }

  private ClusterLedger idle(Clock clock, KubernetesClient watching) {
    ClusterLedger ledger = new ClusterLedger(client, watching, OWN, clock, ledgers.size());
    ledgers.add(ledger);
    return ledger;
  }

  NonNamespaceOperation<GenericKubernetesResource, ?, ? extends Resource<GenericKubernetesResource>>
      plans() {
    return client.genericKubernetesResources(
        ResourceDefinitionContext.fromResourceType(MigrationPlan.class));
  }

  NonNamespaceOperation<GenericKubernetesResource, ?, ? extends Resource<GenericKubernetesResource>>
      steps() {
    return client
        .genericKubernetesResources(
            ResourceDefinitionContext.fromResourceType(NamespaceMigration.class))
        .inNamespace(OWN);
  }

  Resource<ConfigMap> openings() {
    return client.configMaps().inNamespace(OWN).withName(OpeningsStore.NAME);
  }

  @Override
  public void close() {
    ledgers.forEach(ClusterLedger::close);
    client.close();
    server.destroy();
  }
}
