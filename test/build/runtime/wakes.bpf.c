// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The same events through a ring buffer and through a perf event array, at the pace of a process's system calls. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "bpf_app.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct tick {
	__u64 sequence;
	__u64 fill[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
	__type(value, struct tick);
} ring SEC(".maps");
BPF_APP_DROPS(ring);

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} perf SEC(".maps");
BPF_APP_EVENT(perf, struct tick);

const volatile int subject = 0;
const volatile int by_perf = 0;
unsigned long long produced = 0;

SEC("tp/syscalls/sys_enter_getpgid")
int on_getpgid(void *ctx)
{
	struct tick tick = { .sequence = produced };

	if ((int)(bpf_get_current_pid_tgid() >> 32) != subject)
		return 0;
	produced++;
	if (by_perf)
		bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, &tick, sizeof(tick));
	else
		bpf_app_output(ring, &tick, sizeof(tick));
	return 0;
}
