// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf_app.h>
#include "profile.h"

/* Only programs whose licence is compatible with the GPL may read stacks. */
char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* A sample has 2 KiB, so there is room for about 500 of them. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1024 * 1024);
	__type(value, struct sample);
} samples SEC(".maps");

BPF_APP_DROPS(samples);

/* 0: all processes. */
const volatile int only_pid = 0;

/* The helper returns the size in bytes, or a negative error code if there is no such stack. */
static unsigned int depth(long bytes)
{
	return bytes > 0 ? bytes / sizeof(unsigned long long) : 0;
}

/*
 * Called on each CPU at regular times, in an interrupt. The current task and its stack are those that the interrupt has
 * interrupted. Code that takes much of the time is interrupted often. That is the whole method, and it costs the
 * profiled program very little, however many functions it calls.
 */
SEC("perf_event")
int profile(void *ctx)
{
	unsigned long long id = bpf_get_current_pid_tgid();
	int pid = id >> 32, tid = (int)id;
	struct sample *sample;

	/* A CPU that has nothing to do runs thread 0. */
	if (!tid || (only_pid && pid != only_pid))
		return 0;

	/* A sample is too large for the program's stack of 512 bytes, so it is built in the ring. */
	sample = bpf_app_reserve(samples, sizeof(*sample));
	if (!sample)
		return 0;
	sample->pid = pid;
	sample->tid = tid;
	sample->cpu = bpf_get_smp_processor_id();
	bpf_get_current_comm(sample->comm, sizeof(sample->comm));
	sample->kernel_depth = depth(bpf_get_stack(ctx, sample->kernel_stack, sizeof(sample->kernel_stack), 0));
	/*
	 * The helper follows frame pointers. For programs that were compiled without them (-fomit-frame-pointer, which
	 * has long been the default) only the innermost function is correct.
	 */
	sample->user_depth =
		depth(bpf_get_stack(ctx, sample->user_stack, sizeof(sample->user_stack), BPF_F_USER_STACK));
	bpf_ringbuf_submit(sample, 0);
	return 0;
}
