import { jsonLines, type TemplateCheck } from "../check.ts";

export default {
  setup: "printf '#!/bin/sh\\nexit 7\\n' >/tmp/exit-seven; chmod +x /tmp/exit-seven",
  ready: ["^Tracing processes"],
  trigger: "/tmp/exit-seven || true",
  until: ['"event":"exec".*/exit-seven"', '"event":"exit","comm":"exit-seven".*"exit_code":7'],
  cleanup: "rm /tmp/exit-seven",
  judge({ stdout }) {
    const events = jsonLines(stdout);
    const exit = events.find((event) => event.event === "exit" && event.comm === "exit-seven");
    const exec = events.find((event) => event.event === "exec" && event.pid === exit?.pid);
    if (exec?.comm !== "exit-seven") return `comm is ${exec?.comm}`;
    if (exec.filename !== "/tmp/exit-seven") return `filename is ${exec.filename}`;
    if (typeof exec.ppid !== "number" || exec.ppid <= 1 || exec.ppid !== exit?.ppid)
      return `ppid is ${exec.ppid}, then ${exit?.ppid}`;
    if (exit.exit_code !== 7 || exit.signal !== 0) return `exit is ${exit.exit_code}, by ${exit.signal}`;
    if (!(Number(exit.duration_ms) > 0)) return `duration is ${exit.duration_ms}`;
    return undefined;
  },
} satisfies TemplateCheck;
