// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.mtlsmigration.rollout.RolloutLedger.UnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One kind of custom resource on the API server. Objects are handled as trees: a malformed one must
 * neither break a list nor end a watch.
 *
 * <p>A failed call is not retried for long: the loop waits for it, and the next tick is the better
 * retry.
 */
final class ResourceApi {

  private static final int RETRIES = 2;
  private static final int TIMEOUT_MILLIS = 10_000;

  /** The page size of the first list; paged lists are read from etcd, not from a cache. */
  private static final long PAGE = 500;

  /** fabric8's code of a call whose connection failed. */
  private static final int NO_ANSWER = -1;

  private final String kind;
  private final KubernetesClient client;
  private final String path;
  private final NonNamespaceOperation<
          GenericKubernetesResource,
          GenericKubernetesResourceList,
          Resource<GenericKubernetesResource>>
      calls;
  private final FilterWatchListDeletable<
          GenericKubernetesResource,
          GenericKubernetesResourceList,
          Resource<GenericKubernetesResource>>
      watched;

  /**
   * Creates a client of one kind.
   *
   * @param namespace empty for a cluster-scoped kind
   */
  ResourceApi(
      KubernetesClient client,
      KubernetesClient watching,
      ResourceDefinitionContext kind,
      String namespace) {
    this.kind = kind.getKind();
    this.client = brief(client);
    this.path =
        "/apis/%s/%s/%s%s/"
            .formatted(
                kind.getGroup(),
                kind.getVersion(),
                namespace.isEmpty() ? "" : "namespaces/" + namespace + "/",
                kind.getPlural());
    this.calls = scoped(this.client.genericKubernetesResources(kind), namespace);
    this.watched = scoped(watching.genericKubernetesResources(kind), namespace);
  }

  /** Returns a client that soon gives up: the next tick is the better retry. */
  static KubernetesClient brief(KubernetesClient client) {
    return client
        .newClient(
            new RequestConfigBuilder(client.getConfiguration().getRequestConfig())
                .withRequestRetryBackoffLimit(RETRIES)
                .withRequestTimeout(TIMEOUT_MILLIS)
                .build())
        .adapt(KubernetesClient.class);
  }

  private static NonNamespaceOperation<
          GenericKubernetesResource,
          GenericKubernetesResourceList,
          Resource<GenericKubernetesResource>>
      scoped(
          MixedOperation<
                  GenericKubernetesResource,
                  GenericKubernetesResourceList,
                  Resource<GenericKubernetesResource>>
              all,
          String namespace) {
    return namespace.isEmpty() ? all : all.inNamespace(namespace);
  }

  /** Thrown when the object has another version than the call was based on, or does not exist. */
  static final class ConflictException extends Exception {
    private static final long serialVersionUID = 1L;

    ConflictException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  SharedIndexInformer<GenericKubernetesResource> informer(
      ItemStore<GenericKubernetesResource> store) {
    return watched.withLimit(PAGE).runnableInformer(0).removeNamespaceIndex().itemStore(store);
  }

  Optional<GenericKubernetesResource> get(String name) {
    try {
      return Optional.of(
          Serialization.unmarshal(
              client.raw(path + name, "GET", null), GenericKubernetesResource.class));
    } catch (KubernetesClientException e) {
      if (gone(name, e)) {
        return Optional.empty();
      }
      throw unavailable("read", name, e);
    }
  }

  /**
   * Returns whether the object itself is missing. While its kind is not served, as when the
   * definition was replaced just now, the answer has the same code.
   */
  private static boolean gone(String name, KubernetesClientException e) {
    Status status = e.getStatus();
    return e.getCode() == 404
        && status != null
        && status.getDetails() != null
        && name.equals(status.getDetails().getName());
  }

  GenericKubernetesResource create(GenericKubernetesResource object) throws ConflictException {
    return write("create", object, () -> calls.resource(object).create());
  }

  /** Replaces all but the status, if the object still has the resourceVersion that it carries. */
  GenericKubernetesResource update(GenericKubernetesResource object) throws ConflictException {
    return write("update", object, () -> calls.resource(object).update());
  }

  /** Replaces the status, on the same condition. */
  GenericKubernetesResource updateStatus(GenericKubernetesResource object)
      throws ConflictException {
    return write("update the status of", object, () -> calls.resource(object).updateStatus());
  }

  private GenericKubernetesResource write(
      String verb, GenericKubernetesResource object, Supplier<GenericKubernetesResource> call)
      throws ConflictException {
    String name = object.getMetadata().getName();
    try {
      return call.get();
    } catch (KubernetesClientException e) {
      if (e.getCode() == 409 || e.getCode() == 404) {
        throw new ConflictException(kind + " " + name + " is not what it was", e);
      }
      throw unavailable(verb, name, e);
    }
  }

  /**
   * Has a label say to whom an object belongs, and takes its owners away, so that the garbage
   * collector does not delete it.
   */
  Optional<GenericKubernetesResource> disown(String name, String label, String value) {
    try {
      return Optional.ofNullable(
          calls
              .withName(name)
              .patch(
                  PatchContext.of(PatchType.JSON_MERGE),
                  "{\"metadata\":{\"ownerReferences\":null,\"labels\":{\"%s\":\"%s\"}}}"
                      .formatted(label, value)));
    } catch (KubernetesClientException e) {
      if (gone(name, e)) {
        return Optional.empty();
      }
      throw unavailable("take the owner from", name, e);
    }
  }

  /** Returns the objects with a label, read from the API server. */
  List<GenericKubernetesResource> labelled(String label, String value) {
    List<GenericKubernetesResource> all = new ArrayList<>();
    ListOptionsBuilder options =
        new ListOptionsBuilder().withLabelSelector(label + "=" + value).withLimit(PAGE);
    try {
      String next = "";
      do {
        GenericKubernetesResourceList page = calls.list(options.withContinue(next).build());
        all.addAll(page.getItems());
        next = page.getMetadata() == null ? null : page.getMetadata().getContinue();
      } while (next != null && !next.isEmpty());
    } catch (KubernetesClientException e) {
      throw unavailable("list", label + "=" + value, e);
    }
    return all;
  }

  /** Deletes the object of this UID; another one of its name, made anew since, stays. */
  void delete(String name, String uid) {
    try {
      client.raw(path + name, "DELETE", Map.of("preconditions", Map.of("uid", uid)));
    } catch (KubernetesClientException e) {
      if (!gone(name, e) && e.getCode() != 409) {
        throw unavailable("delete", name, e);
      }
    }
  }

  private UnavailableException unavailable(String verb, String name, KubernetesClientException e) {
    String advice =
        switch (e.getCode()) {
          case 0, NO_ANSWER -> "the API server does not answer";
          case 401, 403 -> "the service may not: give it the shipped roles";
          default -> "the API server refuses (" + e.getCode() + ")";
        };
    String detail =
        e.getStatus() == null || e.getStatus().getMessage() == null
            ? e.getMessage()
            : e.getStatus().getMessage();
    return new UnavailableException(
        "cannot " + verb + " " + kind + " " + name + ": " + advice + ": " + detail, e);
  }
}
