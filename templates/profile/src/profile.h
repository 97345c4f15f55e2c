/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#ifndef PROFILE_H
#define PROFILE_H

/* The kernel's own limit has the same value: /proc/sys/kernel/perf_event_max_stack. */
#define MAX_DEPTH 127

struct sample {
	int pid;
	int tid;
	unsigned int cpu;
	unsigned int kernel_depth; /* the number of addresses; 0 for a thread that was not in the kernel */
	unsigned int user_depth; /* 0 for a thread of the kernel */
	char comm[16];
	/* The innermost address comes first: where the thread was, where that function was called, and so on. */
	unsigned long long kernel_stack[MAX_DEPTH];
	unsigned long long user_stack[MAX_DEPTH];
};

#endif
