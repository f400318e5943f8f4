/** From and to, in milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const FORM = /^(\S+)\s+(\d\d):(\d\d)-(\d\d):(\d\d)\s+(\S+)$/;

/** Looked at in so many places: exact to a pixel or two, which is what a picture needs. */
const PLACES = 400;

/** When changes may be made between two times, as ChangeWindow.java reads them; empty for always, null where one cannot be read here. */
export function openTimes(windows: readonly string[], from: number, to: number): readonly Span[] | null {
  try {
    const tests = windows.map(testOf);
    const step = (to - from) / PLACES;
    const spans: { from: number; to: number }[] = [];
    for (let at = from; tests.length > 0 && at < to; at += step) {
      if (tests.some((test) => test(at + step / 2))) {
        const last = spans.at(-1);
        if (last && last.to >= at - 1) {
          last.to = at + step;
        } else {
          spans.push({ from: at, to: at + step });
        }
      }
    }
    return spans;
  } catch {
    return null;
  }
}

function testOf(window: string): (at: number) => boolean {
  const found = FORM.exec(window.trim());
  if (!found) {
    throw new RangeError(window);
  }
  const [, names = "", h1, m1, h2, m2, timeZone] = found;
  const days = daysOf(names);
  const begin = Number(h1) * 60 + Number(m1);
  const end = (Number(h2) * 60 + Number(m2)) % 1440;
  const format = new Intl.DateTimeFormat("en-GB", { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone });
  return (at) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const day = DAYS.indexOf((parts["weekday"] ?? "").toLowerCase());
    const time = Number(parts["hour"]) * 60 + Number(parts["minute"]);
    // One whose end is not after its start runs past midnight, and belongs to the day on which it begins.
    return end > begin ? days.has(day) && time >= begin && time < end : (days.has(day) && time >= begin) || (days.has((day + 6) % 7) && time < end);
  };
}

function daysOf(text: string): ReadonlySet<number> {
  const days = new Set<number>();
  for (const part of text.toLowerCase().split(",")) {
    const ends = part.split("-").map((name) => DAYS.indexOf(name.slice(0, 3)));
    const last = ends.at(-1) ?? -1;
    let day = ends[0] ?? -1;
    if (ends.some((end) => end < 0)) {
      throw new RangeError(text);
    }
    days.add(day);
    while (day !== last) {
      day = (day + 1) % 7;
      days.add(day);
    }
  }
  return days;
}
