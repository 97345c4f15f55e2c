import { jsonLines, type TemplateCheck } from "../check.ts";

export default {
  setup: "printf '#!/bin/sh\\nexit 7\\n' >/tmp/exit-legacy; chmod +x /tmp/exit-legacy",
  ready: ["^Tracing processes"],
  trigger: "/tmp/exit-legacy || true",
  until: ['"event":"exec".*/exit-legacy"', '"event":"exit","comm":"exit-legacy".*"exit_code":7'],
  cleanup: "rm /tmp/exit-legacy",
  judge({ stdout }) {
    const events = jsonLines(stdout);
    const exit = events.find((event) => event.event === "exit" && event.comm === "exit-legacy");
    const exec = events.find((event) => event.event === "exec" && event.pid === exit?.pid);
    if (exec?.comm !== "exit-legacy") return `comm is ${exec?.comm}`;
    if (exec.filename !== "/tmp/exit-legacy") return `filename is ${exec.filename}`;
    if (typeof exec.ppid !== "number" || exec.ppid <= 1 || exec.ppid !== exit?.ppid)
      return `ppid is ${exec.ppid}, then ${exit?.ppid}`;
    if (exit.exit_code !== 7 || exit.signal !== 0) return `exit is ${exit.exit_code}, by ${exit.signal}`;
    if (!(Number(exit.duration_ms) > 0)) return `duration is ${exit.duration_ms}`;
    return undefined;
  },
} satisfies TemplateCheck;
