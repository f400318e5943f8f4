// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.policy;

import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.rollout.WriteResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Maps an API server's refusal of a write to its result: Conflict or Refused when nothing was
 * certainly stored, otherwise Unknown.
 *
 * @see <a
 *     href="https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/">Dynamic
 *     admission control</a>
 */
final class Verdicts {

  /** The message of the API server's RBAC authorizer. */
  private static final Pattern FORBIDDEN_VERB = Pattern.compile("cannot (\\w+) resource");

  /** {@code ErrCallingWebhook}'s message: admission precedes storage, so nothing was stored. */
  private static final String WEBHOOK_SILENT = "failed calling webhook";

  private static final Pattern WEBHOOK_DENIED =
      Pattern.compile("admission webhook .* denied the request", Pattern.DOTALL);

  private Verdicts() {}

  static WriteResult of(ObjectRef ref, ApiStatus status) {
    String message = status.message();
    if (webhookSilent(status)) {
      return new WriteResult.Refused(
          status.words()
              + "; nothing was stored: see that the webhook's service (istiod, for Istio's own) is"
              + " up and reachable from the API server");
    }
    if (WEBHOOK_DENIED.matcher(message).find()) {
      return new WriteResult.Refused(status.words());
    }
    return switch (status.code()) {
      case 409, 412 -> new WriteResult.Conflict(status.words());
      case 404 -> notFound(ref, status);
      case 403 -> new WriteResult.Refused(forbidden(ref, status));
      case 401 ->
          new WriteResult.Refused(
              status.words()
                  + ": the API server does not accept this service's credentials; see its"
                  + " ServiceAccount token or kubeconfig");
      // Not accepted, but a retry will do: this is no refusal.
      case 429 -> new WriteResult.Unknown("the API server has too much to do: " + status.words());
      case 422 ->
          status.blames("metadata.uid")
              ? new WriteResult.Conflict(ref + " was deleted and created anew")
              : new WriteResult.Refused(status.words());
      default ->
          status.code() >= 400 && status.code() < 500
              ? new WriteResult.Refused(status.words())
              : new WriteResult.Unknown(status.words());
    };
  }

  /** Returns whether a webhook did not answer: nothing was stored, and a later retry will do. */
  static boolean webhookSilent(ApiStatus status) {
    return status.message().contains(WEBHOOK_SILENT);
  }

  /** Returns whether the object itself is missing, not its namespace or its kind. */
  static boolean absent(ObjectRef ref, ApiStatus status) {
    return status.code() == 404
        && status.reason().equals("NotFound")
        && status.kind().equals(PolicyApi.resource(ref))
        && status.name().equals(ref.name());
  }

  private static WriteResult notFound(ObjectRef ref, ApiStatus status) {
    if (absent(ref, status)) {
      return new WriteResult.Conflict(ref + " is gone");
    }
    return new WriteResult.Refused(
        status.kind().equals("namespaces")
            ? "namespace " + ref.namespace() + " does not exist"
            : notServed(ref, status));
  }

  /** Returns why something could not be read, and the remedy. */
  static String remedy(ObjectRef ref, ApiStatus status) {
    return switch (status.code()) {
      case 403 -> forbidden(ref, status);
      case 404 -> notServed(ref, status);
      default -> status.words();
    };
  }

  private static String notServed(ObjectRef ref, ApiStatus status) {
    return "%s/v1 is not served (%s): install Istio's CRDs, 1.22 or newer"
        .formatted(resource(ref), status.words());
  }

  private static String resource(ObjectRef ref) {
    return PolicyApi.resource(ref) + "." + PolicyApi.GROUP;
  }

  /** Returns the server's message and the remedy. */
  static String forbidden(ObjectRef ref, ApiStatus status) {
    if (status.hasCause("NamespaceTerminating")) {
      return "namespace " + ref.namespace() + " is being terminated";
    }
    Matcher verb = FORBIDDEN_VERB.matcher(status.message());
    return verb.find()
        ? "%s: grant this service's ServiceAccount the verb %s on %s in namespace %s"
            .formatted(status.words(), verb.group(1), resource(ref), ref.namespace())
        : status.words();
  }
}
