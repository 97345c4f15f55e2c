// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * Global variables need Linux 5.2, and bpf_printk() usually keeps its text in
 * one. With this definition it keeps the text on the stack.
 */
#define BPF_NO_GLOBAL_DATA
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* This looks like a global variable but is none: libbpf reads it, and passes the text to the kernel. */
char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* The process and the file whose writes are reported. It is stored in a map, instead of in global variables. */
struct target {
	int pid;
	int fd;
};

/* An array with one element. All elements of an array exist from the start, filled with zeros; keys are indexes. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, unsigned int);
	__type(value, struct target);
} targets SEC(".maps");

/*
 * The data that the kernel passes to this tracepoint. It is described in
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

	/* This is a pointer to the element itself. The verifier insists that the program checks it for NULL. */
	target = bpf_map_lookup_elem(&targets, &first);
	if (!target || pid != target->pid || (int)ctx->fd != target->fd)
		return 0;

	bpf_printk("BPF triggered from PID %d.\n", pid);
	return 0;
}
