// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Every kind of data section, and a program that reads and writes them. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

const volatile int step = 1;
const volatile struct {
	int inner;
	char text[8];
} settings = { 1, "abc" };
int subject = 0;
unsigned int calls = 0;
unsigned long long total = 40;
unsigned int hot SEC(".data.hot") = 7;
extern int CONFIG_HZ __kconfig;
int hz = 0;

SEC("tp/syscalls/sys_enter_getpgid")
int on_getpgid(void *ctx)
{
	if ((int)(bpf_get_current_pid_tgid() >> 32) != subject)
		return 0;
	calls++;
	hot++;
	total += step;
	hz = CONFIG_HZ;
	bpf_printk("runtime test %d", calls);
	return 0;
}

SEC("tp/syscalls/sys_enter_getpgrp")
int on_getpgrp(void *ctx)
{
	if ((int)(bpf_get_current_pid_tgid() >> 32) == subject)
		calls += 100;
	return 0;
}
