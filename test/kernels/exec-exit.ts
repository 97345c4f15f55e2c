import { jsonLines, type TemplateCheck } from "./check.ts";

/**
 * The check of a template that tells of every program's beginning and end: a script of this name ends with exit code
 * 7.
 */
export function execAndExit(name: string): TemplateCheck {
  return {
    setup: `printf '#!/bin/sh\\nexit 7\\n' >/tmp/${name}; chmod +x /tmp/${name}`,
    ready: ["^Tracing processes"],
    trigger: `/tmp/${name} || true`,
    until: [`"event":"exec".*/${name}"`, `"event":"exit","comm":"${name}".*"exit_code":7`],
    cleanup: `rm /tmp/${name}`,
    judge({ stdout }) {
      const events = jsonLines(stdout);
      const exit = events.find((event) => event.event === "exit" && event.comm === name);
      const exec = events.find((event) => event.event === "exec" && event.pid === exit?.pid);
      if (exec?.comm !== name) return `comm is ${exec?.comm}`;
      if (exec.filename !== `/tmp/${name}`) return `filename is ${exec.filename}`;
      if (typeof exec.ppid !== "number" || exec.ppid <= 1 || exec.ppid !== exit?.ppid)
        return `ppid is ${exec.ppid}, then ${exit?.ppid}`;
      if (exit.exit_code !== 7 || exit.signal !== 0) return `exit is ${exit.exit_code}, by ${exit.signal}`;
      if (!(Number(exit.duration_ms) > 0)) return `duration is ${exit.duration_ms}`;
      return undefined;
    },
  };
}
