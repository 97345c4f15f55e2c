import { jsonLines, type TemplateCheck } from "../check.ts";

export default {
  args: ["--every", "0.1"],
  ready: ["^Counting packets into lo"],
  // Longer than anything else on lo: 20 and 8 bytes of headers of IP and ICMP, and 14 of Ethernet.
  trigger: "busybox ping -c 1 -s 9000 127.0.0.1",
  until: ['"from":8192,"to":16383'],
  judge({ stdout }) {
    const size = 9000 + 8 + 20 + 14;
    // Each ping is a request and a reply.
    const line = jsonLines(stdout).find((count) => count.from === 8192);
    const packets = Number(line?.packets);
    return line?.bytes === packets * size && packets > 0
      ? undefined
      : `${line?.bytes} bytes in ${packets} packets`;
  },
} satisfies TemplateCheck;
