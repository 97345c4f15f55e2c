import { jsonLines, type TemplateCheck } from "../check.ts";

export default {
  ready: ["^Watching lo, ingress"],
  trigger: "busybox ping -c 1 -t 37 -s 100 127.0.0.1",
  until: ['"protocol":"ICMP","length":128,"ttl":37'],
  // The hook has to be gone as well.
  cleanup: "! busybox tc qdisc show dev lo | grep clsact",
  judge({ stdout }) {
    const echo = jsonLines(stdout).find((packet) => packet.ttl === 37);
    if (echo?.source !== "127.0.0.1" || echo.destination !== "127.0.0.1")
      return `between ${echo?.source} and ${echo?.destination}`;
    return undefined;
  },
} satisfies TemplateCheck;
