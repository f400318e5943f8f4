import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type uPlot from "uplot";
import type { Tone } from "./words";

type Plot = typeof uPlot;

/** The library comes when a chart is looked at. */
let loading: Promise<Plot> | undefined;

function usePlot(): Plot | undefined {
  const [plot, set] = useState<Plot>();
  useEffect(() => {
    loading ??= import("uplot").then((module) => module.default);
    loading.then(
      (known) => set(() => known),
      () => (loading = undefined),
    );
  }, []);
  return plot;
}

export interface Line {
  readonly key: string;
  readonly text: string;
  readonly tone: Tone;
  /** One for each time; null is a gap, and is drawn as one. */
  readonly values: readonly (number | null)[];
}

/** Ends of steps, in seconds. */
export type Times = readonly number[];

const HEIGHT = 190;
const SAME_DAY = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const SECONDS = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAYS = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

function tick(at: number, apart: number): string {
  const time = new Date(at * 1000);
  return (apart >= 86_400 ? DAYS : apart < 60 ? SECONDS : SAME_DAY).format(time);
}

/** Colours of the theme as the canvas wants them: it does not know `var()` and `light-dark()`. */
function colour(within: HTMLElement, name: string): string {
  within.style.color = `var(--${name})`;
  const found = getComputedStyle(within).color;
  within.style.color = "";
  return found;
}

/** Values without neighbours, which no line leads to: they are drawn as points. */
function lonely(values: readonly (number | null | undefined)[]): number[] {
  const found: number[] = [];
  values.forEach((value, at) => {
    if (value != null && values[at - 1] == null && values[at + 1] == null) {
      found.push(at);
    }
  });
  return found;
}

/** Sums from below, so that the topmost line is the whole; a gap in one is a gap in all. */
function stacked(lines: readonly Line[]): (number | null)[][] {
  const sums: (number | null)[][] = [];
  lines.forEach((line, place) => {
    const below = sums[place - 1];
    sums.push(
      line.values.map((value, at) => {
        const base = below ? below[at] : 0;
        return value == null || base == null ? null : base + value;
      }),
    );
  });
  return sums;
}

/**
 * Values over time. A canvas says nothing to whoever cannot see it, so it has a name that sums it up (`summary`), and
 * whoever uses it shows the same numbers in a table.
 *
 * @param top end of the vertical axis; by the values when left out
 */
export function TimeChart({
  summary,
  times,
  lines,
  from,
  to,
  stack = false,
  top,
  format,
  onPoint,
}: {
  summary: string;
  times: Times;
  lines: readonly Line[];
  from: number;
  to: number;
  stack?: boolean;
  top?: number;
  format: (value: number) => string;
  onPoint?: (index: number | null) => void;
}) {
  const library = usePlot();
  const theme = useThemeCount();
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const scale = useRef({ from, to, top });
  scale.current = { from, to, top };
  const told = useRef(onPoint);
  told.current = onPoint;
  const shape = lines.map((line) => line.key).join(" ");

  useLayoutEffect(() => {
    const element = place.current;
    if (!library || !element) {
      return;
    }
    let made: uPlot;
    try {
      made = new library(options(element, lines, stack, format, scale, told), data(times, lines, stack), element);
    } catch (cause) {
      // A drawing that fails must not take the page with it; the numbers are in the table, too.
      console.error(cause);
      return;
    }
    plot.current = made;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0 && element.clientWidth !== made.width) {
        made.setSize({ width: element.clientWidth, height: HEIGHT });
      }
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [library, shape, stack, theme]);

  useLayoutEffect(() => {
    plot.current?.setData(data(times, lines, stack));
  }, [times, lines, stack, from, to, top]);

  return <div class="chart" ref={place} role="img" aria-label={summary} />;
}

/** From the topmost down: each is painted over the one before it. */
function data(times: Times, lines: readonly Line[], stack: boolean): uPlot.AlignedData {
  const values = stack ? stacked(lines).reverse() : lines.map((line) => line.values);
  return [times, ...values] as unknown as uPlot.AlignedData;
}

function options(
  element: HTMLElement,
  lines: readonly Line[],
  stack: boolean,
  format: (value: number) => string,
  scale: { readonly current: { from: number; to: number; top: number | undefined } },
  told: { readonly current: ((index: number | null) => void) | undefined },
): uPlot.Options {
  const dim = colour(element, "dim");
  const edge = colour(element, "edge");
  const font = `12px ${getComputedStyle(element).fontFamily}`;
  const axis = { stroke: dim, font, grid: { stroke: edge, width: 1 }, ticks: { show: false } };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    // The last label of the axis is as wide as half of itself beyond it.
    padding: [null, 28, null, null],
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, y: false, ...(stack ? { points: { show: false } } : {}) },
    scales: {
      x: { time: true, range: () => [scale.current.from, scale.current.to] },
      y: { range: (_plot, _low, high) => [0, scale.current.top ?? Math.max(1, high ?? 1)] },
    },
    axes: [
      { ...axis, space: 70, values: (_plot, splits, _axis, _space, apart) => splits.map((at) => tick(at, apart)) },
      { ...axis, size: 52, space: 34, values: (_plot, splits) => splits.map((value) => (stack && !Number.isInteger(value) ? "" : format(value))) },
    ],
    series: [
      {},
      ...(stack ? [...lines].reverse() : lines).map((line): uPlot.Series => {
        const fill = colour(element, `${line.tone}-fill`);
        return {
          label: line.text,
          stroke: fill,
          width: stack ? 1 : 2,
          fill: stack ? fill : colour(element, `${line.tone}-soft`),
          spanGaps: false,
          points: { show: true, size: 5, fill, filter: (_plot: uPlot, series: number) => lonely((_plot.data[series] ?? []) as (number | null)[]) },
        };
      }),
    ],
    hooks: { setCursor: [(current) => told.current?.(current.cursor.idx ?? null)] },
  };
}

/** Grows when the theme changes: a canvas does not follow it by itself. */
function useThemeCount(): number {
  const [count, set] = useState(0);
  useEffect(() => {
    const grow = (): void => set((known) => known + 1);
    const observer = new MutationObserver(grow);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    const system = matchMedia("(prefers-color-scheme: dark)");
    system.addEventListener("change", grow);
    return () => {
      observer.disconnect();
      system.removeEventListener("change", grow);
    };
  }, []);
  return count;
}
