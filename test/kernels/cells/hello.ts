import type { TemplateCheck } from "../check.ts";

export default {
  ready: ["^Say hello by starting programs"],
  trigger: "/bin/true",
  until: ["bpf_trace_printk: Hello, World!"],
} satisfies TemplateCheck;
