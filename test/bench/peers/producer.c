// SPDX-License-Identifier: MIT
/*
 * Makes calls at a steady rate, on the first processor. For each line "RATE SECONDS PID" it calls prctl(PR_SET_NAME) that
 * often a second for that long, and prints how many calls it made, how long they took, and how much processor time the
 * process of that id, all its threads included, has used meanwhile.
 *
 * It waits by reading the clock and does not sleep, because a sleep ends some 60 µs too late.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

static uint64_t read_clock(clockid_t clock)
{
	struct timespec now;

	if (clock_gettime(clock, &now)) {
		perror("clock_gettime");
		exit(1);
	}
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

int main(void)
{
	cpu_set_t first;
	double rate, seconds;
	int pid;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	if (sched_setaffinity(0, sizeof(first), &first)) {
		perror("sched_setaffinity");
		return 1;
	}
	while (scanf("%lf %lf %d", &rate, &seconds, &pid) == 3) {
		const double period = 1e9 / rate;
		uint64_t calls = 0, now;
		clockid_t consumer;

		if (clock_getcpuclockid(pid, &consumer)) {
			fprintf(stderr, "there is no process %d\n", pid);
			return 1;
		}
		const uint64_t used = read_clock(consumer);
		const uint64_t begun = read_clock(CLOCK_MONOTONIC);

		const uint64_t end = begun + (uint64_t)(seconds * 1e9);

		for (;;) {
			const uint64_t due = begun + (uint64_t)((double)calls * period);

			do
				now = read_clock(CLOCK_MONOTONIC);
			while (now < due && now < end);
			if (now >= end)
				break;
			prctl(PR_SET_NAME, "producer");
			calls++;
		}
		const double taken = (double)(now - begun) / 1e9;

		printf("{\"calls\":%lu,\"seconds\":%.9f,\"cpu\":%.9f}\n", calls, taken,
		       (double)(read_clock(consumer) - used) / 1e9);
		fflush(stdout);
	}
	return 0;
}
