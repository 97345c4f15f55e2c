// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Takes the place of a function of attach.bpf.c. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

SEC("freplace/replaceable")
int other_answer(struct xdp_md *ctx)
{
	return 2;
}
