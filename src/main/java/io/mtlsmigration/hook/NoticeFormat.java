// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hook;

/** The form in which a receiver takes notices; docs/notices.md is the contract. */
public enum NoticeFormat {
  /** CloudEvents 1.0, one event a call, in structured mode over HTTP. */
  CLOUDEVENTS,
  /** The body of Slack's incoming webhooks. */
  SLACK,
  /** An Adaptive Card, as Workflows of Teams take it at a webhook. */
  TEAMS
}
