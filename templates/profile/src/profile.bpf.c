// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf_app.h>
#include "profile.h"

/* Stacks are only for programs under a licence compatible with the GPL. */
char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* A sample takes 2 KiB: some 500 of them fit. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1024 * 1024);
	__type(value, struct sample);
} samples SEC(".maps");

BPF_APP_DROPS(samples);

/* 0: all processes. */
const volatile int only_pid = 0;

/* The helper says bytes, or a negative errno where there is no such stack. */
static unsigned int depth(long bytes)
{
	return bytes > 0 ? bytes / sizeof(unsigned long long) : 0;
}

/*
 * Called on each CPU whenever its clock has ticked often enough, in an interrupt: what ran there a moment ago is the
 * current task, and still on the stack. Code that takes much of the time is met often. That is all of the trick, and
 * it costs the profiled program next to nothing, however many functions it calls.
 */
SEC("perf_event")
int profile(void *ctx)
{
	unsigned long long id = bpf_get_current_pid_tgid();
	int pid = id >> 32, tid = (int)id;
	struct sample *sample;

	/* Thread 0 is what a CPU does when it has nothing to do. */
	if (!tid || (only_pid && pid != only_pid))
		return 0;

	/* Too large for a program's stack of 512 bytes, so it is filled in where it is read. */
	sample = bpf_app_reserve(samples, sizeof(*sample));
	if (!sample)
		return 0;
	sample->pid = pid;
	sample->tid = tid;
	sample->cpu = bpf_get_smp_processor_id();
	bpf_get_current_comm(sample->comm, sizeof(sample->comm));
	sample->kernel_depth = depth(bpf_get_stack(ctx, sample->kernel_stack, sizeof(sample->kernel_stack), 0));
	/*
	 * Follows frame pointers. Programs compiled without them (-fomit-frame-pointer, long the default) show the
	 * innermost function, and then little that makes sense.
	 */
	sample->user_depth =
		depth(bpf_get_stack(ctx, sample->user_stack, sizeof(sample->user_stack), BPF_F_USER_STACK));
	bpf_ringbuf_submit(sample, 0);
	return 0;
}
