// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Programs that print, and one that the kernel has to end. They are run on made-up packets. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf_app.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

__u32 told = 0;
__u32 lines = 0;
long refused = 0;
__u64 turns = 0;

SEC("socket")
int tells(struct __sk_buff *skb)
{
	told++;
	bpf_app_print("told %u times, %d bytes: %s", told, skb->len, "all");
	return 0;
}

SEC("socket")
int tells_much(struct __sk_buff *skb)
{
	for (__u32 i = 0; i < 500; i++) {
		long error = bpf_app_print("line %u", lines);

		if (error < 0)
			refused = error;
		lines++;
	}
	return skb->len;
}

SEC("socket")
int without_values(struct __sk_buff *skb)
{
	bpf_app_print("five: %d %d %d %d %d", 1, 2, 3, 4, 5);
	bpf_app_print("no values");
	return skb->len;
}

/*
 * The loop has one instruction before the jump back: may_goto, which this project's compiler does not know. It leaves the
 * loop when the kernel finds that it has gone on for too long.
 */
SEC("?socket")
int spins(struct __sk_buff *skb)
{
	turns++;
	asm volatile("1: .byte 0xe5, 0; .short 1; .long 0; goto 1b");
	turns++;
	return skb->len;
}
