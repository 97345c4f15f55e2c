import type { TemplateCheck } from "../check.ts";

export default {
  ready: ["^Writing one byte a second as PID [0-9]+ of namespace [0-9]+"],
  until: ["-[0-9]+ +\\[.*bpf_trace_printk: BPF triggered from PID [0-9]+, on the host [0-9]+\\."],
  judge({ stdout, stderr }) {
    const pid = /as PID (\d+) of/.exec(stderr)?.[1];
    return stdout.includes(`from PID ${pid}, on the host ${pid}.`) ? undefined : `not from PID ${pid}`;
  },
} satisfies TemplateCheck;
