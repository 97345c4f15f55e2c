import type { TemplateCheck } from "../check.ts";

export default {
  ready: ["^Writing one byte a second as PID [0-9]+"],
  until: ["-[0-9]+ +\\[.*bpf_trace_printk: BPF triggered from PID [0-9]+\\."],
} satisfies TemplateCheck;
