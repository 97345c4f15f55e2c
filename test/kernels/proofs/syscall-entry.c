/*
 * How many of 1,000 calls a BPF program on a system call's entry sees, on the CPU that has its perf event and on another.
 * Everywhere all of them; on Linux 7.1 none on the other CPU, if the call takes a pointer (write) and not if it takes none
 * (close), and all again once that CPU has an event too, though one without a program.
 */
#define _GNU_SOURCE
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int event(const char *call, int cpu)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr) };
	char path[128];
	FILE *id;

	snprintf(path, sizeof(path), "/sys/kernel/tracing/events/syscalls/sys_enter_%s/id", call);
	id = fopen(path, "r");
	if (!id || fscanf(id, "%llu", &attr.config) != 1 || fclose(id))
		return -1;
	return syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

static unsigned long long runs(int prog)
{
	struct bpf_prog_info info = { 0 };
	union bpf_attr attr = { .info = { .bpf_fd = prog, .info_len = sizeof(info), .info = (unsigned long)&info } };

	syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr));
	return info.run_cnt;
}

/* Of 1,000 times write() and close() on a CPU. */
static unsigned long long seen(int prog, int cpu)
{
	unsigned long long before = runs(prog);
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		perror("sched_setaffinity");
	for (int i = 0; i < 1000; i++)
		if (write(-1, "", 1) == 0 || close(-1) == 0)
			puts("an impossible call succeeded");
	return runs(prog) - before;
}

int main(void)
{
	struct bpf_insn nothing[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K }, { .code = BPF_JMP | BPF_EXIT } };
	union bpf_attr load = { .prog_type = BPF_PROG_TYPE_TRACEPOINT,
				.insns = (unsigned long)nothing,
				.insn_cnt = 2,
				.license = (unsigned long)"GPL" };
	union bpf_attr stats = { .enable_stats = { .type = BPF_STATS_RUN_TIME } };
	static const char *const calls[] = { "write", "close" };
	int prog = syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof(load));

	if (prog < 0 || syscall(SYS_bpf, BPF_ENABLE_STATS, &stats, sizeof(stats)) < 0)
		return perror("bpf"), 1;
	for (int i = 0; i < 2; i++) {
		int here = event(calls[i], 0), there;

		if (here < 0 || ioctl(here, PERF_EVENT_IOC_SET_BPF, prog))
			return perror("perf event"), 1;
		printf("%s, event on CPU 0: %llu seen on CPU 0", calls[i], seen(prog, 0));
		printf(", %llu on CPU 1", seen(prog, 1));
		there = event(calls[i], 1);
		printf("; with an event there too %llu\n", seen(prog, 1));
		close(there);
		close(here);
	}
	return 0;
}
