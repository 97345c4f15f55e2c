import type { TemplateCheck } from "../check.ts";

export default {
  ready: ["^Writing one byte a second as PID [0-9]+"],
  until: ["-[0-9]+ +\\[.*bpf_trace_printk: BPF triggered from PID [0-9]+\\."],
  judge({ stdout, stderr }) {
    const pid = /as PID (\d+)/.exec(stderr)?.[1];
    return stdout.includes(`BPF triggered from PID ${pid}.`) ? undefined : `not from PID ${pid}`;
  },
} satisfies TemplateCheck;
