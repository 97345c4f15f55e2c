// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* bpf_printk() is reserved to programs under a licence compatible with the GPL. */
char LICENSE[] SEC("license") = "Dual BSD/GPL";

/*
 * The section's name says where to attach: a tracepoint, of the group
 * syscalls, at the entry of execve. /sys/kernel/tracing/events lists them all.
 */
SEC("tp/syscalls/sys_enter_execve")
int hello(void *ctx)
{
	(void)ctx; /* What execve was called with is of no interest here. */

	/* The trace pipe adds the process, the CPU and the time by itself. */
	bpf_printk("Hello, World!\n");
	return 0;
}
