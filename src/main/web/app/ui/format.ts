import { useEffect, useState } from "preact/hooks";
import { serviceNow } from "../api/client";
import { withoutCalls } from "./calls";

const NUMBER = new Intl.NumberFormat("en");
const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const FULL = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "long" });

export const count = (value: number): string => NUMBER.format(value);

/** `1 namespace`, `2 namespaces`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

export function percent(part: number, whole: number): string {
  if (whole === 0) {
    return "–";
  }
  const share = (100 * part) / whole;
  if (share > 0 && share < 1) {
    return "<1 %";
  }
  return share > 99 && share < 100 ? ">99 %" : `${Math.round(share)} %`;
}

/** Seconds of an ISO-8601 duration without months and years, which the API never sends. */
export function seconds(duration: string): number {
  const found = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/.exec(duration);
  if (!found) {
    return Number.NaN;
  }
  const [, days = "0", hours = "0", minutes = "0", rest = "0"] = found;
  return ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(rest);
}

/** A span for people: two units at most. */
export function span(total: number): string {
  if (!Number.isFinite(total)) {
    return "–";
  }
  const whole = Math.max(0, Math.round(total));
  const units: readonly [number, string][] = [
    [86_400, "d"],
    [3600, "h"],
    [60, "min"],
    [1, "s"],
  ];
  const at = units.findIndex(([size]) => whole >= size);
  if (at < 0) {
    return "0 s";
  }
  const [size, unit] = units[at] as [number, string];
  const big = `${Math.floor(whole / size)} ${unit}`;
  const next = units[at + 1];
  const small = next ? Math.floor((whole % size) / next[0]) : 0;
  return next && small > 0 ? `${big} ${small} ${next[1]}` : big;
}

export const duration = (iso: string | null | undefined): string => (iso ? span(seconds(iso)) : "–");

export function clock(instant: string): string {
  const time = new Date(instant);
  const today = new Date(serviceNow()).toDateString() === time.toDateString();
  return today ? TIME.format(time) : `${DAY.format(time)} ${TIME.format(time)}`;
}

/** From one time to another; one of today is named so where the other has a day. */
export function between(from: string, to: string): string {
  const [begin, end] = [clock(from), clock(to)];
  return `${begin} to ${begin.includes(" ") && !end.includes(" ") ? `today, ${end}` : end}`;
}

const INSTANT = String.raw`\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z`;
const INSTANTS = new RegExp(INSTANT, "g");
const RANGES = new RegExp(`(${INSTANT}) to (${INSTANT})`, "g");

/**
 * A sentence of the service as people read it: instants by the clock, durations in words, and what the page offers in place
 * of calls. Whatever the service words is drawn by way of this, except manifests and commands, which are copied.
 */
export function said(text: string): string {
  return withoutCalls(text)
    .replace(RANGES, (_, from: string, to: string) => between(from, to))
    .replace(INSTANTS, (instant) => clock(instant))
    .replace(/\bPT(?=\d)[\dHMS.]+\b/g, (iso) => span(seconds(iso)));
}

export const full = (instant: string): string => FULL.format(new Date(instant));

/** One unit: what is looked at, not what is reckoned with. */
function rough(total: number): string {
  return span(total).split(" ").slice(0, 2).join(" ");
}

export function ago(instant: string, now: number): string {
  return `${rough((now - Date.parse(instant)) / 1000)} ago`;
}

export function age(instant: string, now: number): string {
  return span((now - Date.parse(instant)) / 1000);
}

/** The service's time, told anew every second while somebody looks. */
export function useNow(every = 1000): number {
  const [now, set] = useState(serviceNow);
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && set(serviceNow()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

/** `namespace/workload` in its parts; what has none (an address, `unknown`) is all name. */
export function split(ref: string): { namespace: string; name: string } {
  const at = ref.indexOf("/");
  return at < 0 ? { namespace: "", name: ref } : { namespace: ref.slice(0, at), name: ref.slice(at + 1) };
}
