package io.mtlsmigration.sandbox;

/** A container port of a pod, and what its application speaks there. */
record ServerPort(String namespace, String pod, int port, PortProtocol protocol) {}
