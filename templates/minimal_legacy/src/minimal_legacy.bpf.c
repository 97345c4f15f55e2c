// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Global variables, and the texts of bpf_printk() with them, need Linux 5.2.
 * This keeps the text on the stack instead.
 */
#define BPF_NO_GLOBAL_DATA
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* Not a global variable, though it looks like one: libbpf reads it, and the kernel gets it as a word. */
char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Whose writes we report. In the place of global variables, a map does it. */
struct target {
	int pid;
	int fd;
};

/* An array of one element: its elements are all there from the start, filled with zeros, and are found by index. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, unsigned int);
	__type(value, struct target);
} targets SEC(".maps");

/*
 * What the kernel hands to this tracepoint; compare
 * /sys/kernel/tracing/events/syscalls/sys_enter_write/format
 */
struct enter_write {
	unsigned long long common;
	long nr;
	unsigned long fd;
	const char *buf;
	unsigned long count;
};

SEC("tp/syscalls/sys_enter_write")
int handle_tp(struct enter_write *ctx)
{
	int pid = bpf_get_current_pid_tgid() >> 32;
	unsigned int first = 0;
	struct target *target;

	/* A pointer to the element itself. The verifier insists on the question whether there is one. */
	target = bpf_map_lookup_elem(&targets, &first);
	if (!target || pid != target->pid || (int)ctx->fd != target->fd)
		return 0;

	bpf_printk("BPF triggered from PID %d.\n", pid);
	return 0;
}
