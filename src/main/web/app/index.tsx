import "./arrival";
import { render } from "preact";
import { live } from "./api/live";
import { Shell } from "./shell";
import { applyTheme } from "./ui/theme";
import "./style.css";

applyTheme();
live.start();
render(<Shell />, document.getElementById("page") as HTMLElement);
