// Sends the argument of each call of getpgid() that one process makes. A program at a tracepoint cannot be exchanged.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct call {
	__u32 number;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
	__type(value, struct call);
} calls SEC(".maps");

int subject;

SEC("tp/syscalls/sys_enter_getpgid")
int on_getpgid(struct trace_event_raw_sys_enter *ctx)
{
	struct call *call;

	if ((int)(bpf_get_current_pid_tgid() >> 32) != subject)
		return 0;
	call = bpf_ringbuf_reserve(&calls, sizeof(*call), 0);
	if (!call)
		return 0;
	call->number = ctx->args[0];
	bpf_ringbuf_submit(call, 0);
	return 0;
}
