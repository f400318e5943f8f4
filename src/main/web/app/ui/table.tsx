import type { ComponentChildren } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { count, counted } from "./format";
import { Icon } from "./icons";

export interface Column<T> {
  readonly key: string;
  readonly title: string;
  /** Of a CSS grid: `minmax(8rem, 2fr)`, `7rem`. */
  readonly width: string;
  readonly cell: (row: T) => ComponentChildren;
  /** What the column is sorted by; not sortable without. */
  readonly by?: (row: T) => string | number;
  readonly numeric?: boolean;
  /** Left out where there is little room: below 1 on a phone, below 2 on a tablet. */
  readonly rank?: 0 | 1 | 2;
  /** Width where there is hardly any room; else it may shrink to nothing. */
  readonly small?: string;
  /** The title there. */
  readonly brief?: string;
}

export interface Sorting {
  readonly column: string;
  readonly down: boolean;
}

/** `name`, `-name`: as it stands in an address. */
export function sortingOf(text: string | undefined, otherwise: string): Sorting {
  const asked = text || otherwise;
  return asked.startsWith("-") ? { column: asked.slice(1), down: true } : { column: asked, down: false };
}

const ROW = 36;
const MORE = 8;
/** Below so many rows all are drawn, and the table is as high as they are. */
const FEW = 60;

/**
 * A table of any length: only the rows in view are drawn, and assistive technology is told how many there are. Rows have
 * one height, so that nothing jumps when values change.
 */
export function Table<T>({
  label,
  columns,
  rows,
  id,
  sorting,
  onSort,
  empty,
  height = 640,
  rowClass,
}: {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  id: (row: T) => string;
  sorting?: Sorting;
  onSort?: (text: string) => void;
  empty: ComponentChildren;
  height?: number;
  rowClass?: (row: T) => string;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [room, setRoom] = useState(1200);
  const [wider, setWider] = useState(false);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) {
      return;
    }
    const observer = new ResizeObserver(() => setRoom(element.clientWidth));
    observer.observe(element);
    setRoom(element.clientWidth);
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    scroller.current?.querySelectorAll<HTMLElement>(".td").forEach(tellWhole);
    setWider(scroller.current !== null && scroller.current.scrollWidth > scroller.current.clientWidth);
  });

  const sorted = useMemo(() => sort(rows, columns, sorting), [rows, sorting?.column, sorting?.down, columns]);
  const shown = columns.filter((column) => (column.rank ?? 0) <= (room < 560 ? 0 : room < 880 ? 1 : 2));
  const small = room < 480;
  const template = shown.map((column) => (small ? (column.small ?? column.width.replace(/minmax\([^,]+,/, "minmax(0,")) : column.width)).join(" ");
  const many = sorted.length > FEW;
  const first = many ? Math.max(0, Math.floor(top / ROW) - MORE) : 0;
  const last = many ? Math.min(sorted.length, Math.ceil((top + height) / ROW) + MORE) : sorted.length;

  return (
    <div
      class={`table${many ? " many" : ""}${small ? " small" : ""}`}
      role="table"
      aria-label={label}
      aria-rowcount={sorted.length + 1}
      ref={scroller}
      style={many ? { height: `${height}px` } : {}}
      tabIndex={many || wider ? 0 : undefined}
      onScroll={(event) => many && setTop(event.currentTarget.scrollTop)}
    >
      <div class="tr head" role="row" aria-rowindex={1} style={{ gridTemplateColumns: template }}>
        {shown.map((column) => (
          <Head key={column.key} column={small && column.brief ? { ...column, title: column.brief } : column} sorting={sorting} onSort={onSort} />
        ))}
      </div>
      <div class="body" role="rowgroup" style={many ? { height: `${sorted.length * ROW}px` } : {}}>
        {sorted.slice(first, last).map((row, index) => (
          <div
            key={id(row)}
            class={`tr ${rowClass?.(row) ?? ""}`}
            role="row"
            aria-rowindex={first + index + 2}
            style={
              many
                ? { gridTemplateColumns: template, transform: `translateY(${(first + index) * ROW}px)` }
                : { gridTemplateColumns: template }
            }
          >
            {shown.map((column) => (
              <div key={column.key} class={`td${column.numeric ? " num" : ""}`} role="cell">
                {column.cell(row)}
              </div>
            ))}
          </div>
        ))}
      </div>
      {sorted.length === 0 && <div class="table-empty">{empty}</div>}
    </div>
  );
}

/** Rows of a long table have one height: what does not fit into a cell is told where one points at it. */
function tellWhole(cell: HTMLElement): void {
  if (cell.scrollWidth > cell.clientWidth) {
    cell.title = cell.textContent ?? "";
  } else {
    cell.removeAttribute("title");
  }
}

function Head<T>({ column, sorting, onSort }: { column: Column<T>; sorting: Sorting | undefined; onSort: ((text: string) => void) | undefined }) {
  const active = sorting?.column === column.key;
  const order = active ? (sorting.down ? "descending" : "ascending") : undefined;
  return (
    <div class={`th${column.numeric ? " num" : ""}`} role="columnheader" aria-sort={order}>
      {column.by && onSort ? (
        <button type="button" onClick={() => onSort(active && !sorting.down ? `-${column.key}` : column.key)}>
          {column.title}
          {active && <Icon name={sorting.down ? "down" : "up"} size={12} />}
        </button>
      ) : (
        column.title
      )}
    </div>
  );
}

function sort<T>(rows: readonly T[], columns: readonly Column<T>[], sorting: Sorting | undefined): readonly T[] {
  const by = columns.find((column) => column.key === sorting?.column)?.by;
  if (!by || !sorting) {
    return rows;
  }
  const keyed = rows.map((row, index) => ({ row, index, key: by(row) }));
  const sign = sorting.down ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.key === b.key) {
      return a.index - b.index;
    }
    return a.key < b.key ? -sign : sign;
  });
  return keyed.map((entry) => entry.row);
}

/** How many of how many are shown, while a list is still being read and after. */
export function Tally({ shown, all, complete, one }: { shown: number; all: number; complete: boolean; one: string }) {
  return (
    <span class="tally num" role="status">
      {shown === all ? counted(all, one) : `${count(shown)} of ${counted(all, one)}`}
      {complete ? "" : ", reading more …"}
    </span>
  );
}
