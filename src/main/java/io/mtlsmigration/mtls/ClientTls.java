package io.mtlsmigration.mtls;

/** What a client sends to one endpoint. Only ISTIO_MUTUAL is accepted by a STRICT server. */
public enum ClientTls {
  ISTIO_MUTUAL,
  /** TLS that is not Istio's: a DestinationRule with SIMPLE or MUTUAL. */
  TLS,
  PLAINTEXT
}
