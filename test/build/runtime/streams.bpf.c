// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A program that prints to its stream. It is run on made-up packets. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf_app.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

__u32 told = 0;

SEC("socket")
int tells(struct __sk_buff *skb)
{
	told++;
	bpf_app_print("told %u times, %d bytes: %s", told, skb->len, "all");
	return 0;
}
