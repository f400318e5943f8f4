import { useState } from "preact/hooks";
import { Icon, type IconName } from "./icons";

type Theme = "auto" | "light" | "dark";

const KEY = "mtls-migration.theme";
const NEXT: Record<Theme, Theme> = { auto: "light", light: "dark", dark: "auto" };
const ICONS: Record<Theme, IconName> = { auto: "auto", light: "sun", dark: "moon" };

function stored(): Theme {
  const value = localStorage.getItem(KEY);
  return value === "light" || value === "dark" ? value : "auto";
}

export function applyTheme(theme: Theme = stored()): void {
  if (theme === "auto") {
    delete document.documentElement.dataset["theme"];
  } else {
    document.documentElement.dataset["theme"] = theme;
  }
}

export function ThemeSwitch() {
  const [theme, set] = useState<Theme>(stored);
  const turn = (): void => {
    const next = NEXT[theme];
    localStorage.setItem(KEY, next);
    applyTheme(next);
    set(next);
  };
  return (
    <button type="button" class="button bare" onClick={turn} title={`Theme: ${theme === "auto" ? "as the system" : theme}`} aria-label={`Theme: ${theme}; switch to ${NEXT[theme]}`}>
      <Icon name={ICONS[theme]} />
    </button>
  );
}
