// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/*
 * The user side's process id in its own PID namespace, and one of its files. It sets both before it loads the program.
 */
int my_pid = 0;
int my_fd = 0;

/* These identify the namespace. They are what stat() returns for /proc/self/ns/pid. */
unsigned long long ns_dev = 0;
unsigned long long ns_ino = 0;

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
	struct bpf_pidns_info ids = {};

	/*
	 * A process in a container has two ids: the host's, which bpf_get_current_pid_tgid() returns, and the one that
	 * the process itself sees. This helper (Linux 5.7) returns the latter. It fails if the process is not in the
	 * namespace.
	 */
	if (bpf_get_ns_current_pid_tgid(ns_dev, ns_ino, &ids, sizeof(ids)))
		return 0;

	/* The kernel's tgid is the process id of user space. */
	if ((int)ids.tgid != my_pid || (int)ctx->fd != my_fd)
		return 0;

	bpf_printk("BPF triggered from PID %d, on the host %d.\n", ids.tgid, bpf_get_current_pid_tgid() >> 32);
	return 0;
}
