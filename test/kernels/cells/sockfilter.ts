import { jsonLines, type TemplateCheck } from "../check.ts";

export default {
  ready: ["^Watching lo"],
  trigger: "busybox ping -c 1 -s 100 127.0.0.1",
  until: ['"direction":"in","protocol":"ICMP"'],
  judge({ stdout }) {
    const echo = jsonLines(stdout).find((packet) => packet.protocol === "ICMP");
    // Ethernet, IP and ICMP headers, and the payload asked for.
    if (echo?.length !== 14 + 20 + 8 + 100) return `a length of ${echo?.length}`;
    if (echo.source !== "127.0.0.1" || echo.destination !== "127.0.0.1")
      return `between ${echo.source} and ${echo.destination}`;
    return undefined;
  },
} satisfies TemplateCheck;
