// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* Only programs whose licence is compatible with the GPL may call bpf_printk(). */
char LICENSE[] SEC("license") = "Dual BSD/GPL";

/*
 * The name of the section says where to attach: to a tracepoint (tp) of the
 * group syscalls, at the entry of execve. /sys/kernel/tracing/events lists all
 * tracepoints.
 */
SEC("tp/syscalls/sys_enter_execve")
int hello(void *ctx)
{
	(void)ctx; /* The arguments of execve are not used here. */

	/* The trace pipe adds the process, the CPU and the time by itself. */
	bpf_printk("Hello, World!\n");
	return 0;
}
