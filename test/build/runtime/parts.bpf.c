// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Events that are sent in part, and maps of events whose type is set before load. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "bpf_app.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct line {
	__u32 sequence;
	__u32 used;
	__u64 stamp;
	char text[64];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
	__type(value, struct line);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} perf SEC(".maps");
BPF_APP_EVENT(perf, struct line);

const volatile int subject = 0;
/* Whether each map has the type that it is not declared with. */
const volatile int exchanged = 0;
/* How many bytes an event has at least. */
const volatile unsigned int base = sizeof(struct line) - 64;
unsigned int produced = 0;

SEC("tp/syscalls/sys_enter_getpgid")
int on_getpgid(void *ctx)
{
	struct line line = { .sequence = produced, .stamp = 7 };
	__u32 size;

	if ((int)(bpf_get_current_pid_tgid() >> 32) != subject)
		return 0;
	__builtin_memset(line.text, 'a' + (produced & 15), sizeof(line.text));
	line.used = produced % 65;
	produced++;
	size = base + line.used;
	if (size > sizeof(line))
		return 0;
	if (exchanged) {
		bpf_perf_event_output(ctx, &ring, BPF_F_CURRENT_CPU, &line, size);
		bpf_ringbuf_output(&perf, &line, size, 0);
	} else {
		bpf_ringbuf_output(&ring, &line, size, 0);
		bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, &line, size);
	}
	return 0;
}
