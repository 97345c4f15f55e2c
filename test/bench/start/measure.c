// SPDX-License-Identifier: MIT
// Runs a command once, and prints as JSON what its start costs: measure TEXT PROGRAM [ARG …]
//
// The start lasts from the moment before exec to the moment when TEXT has come out of the command, on standard output or
// standard error; with an empty TEXT, to its end. All that the command prints is taken, and it is told to end by SIGINT.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char output[1 << 16];
static size_t got;

static void stop(const char *what)
{
	fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
	exit(1);
}

static long long now(clockid_t clock)
{
	struct timespec time;
	if (clock_gettime(clock, &time))
		stop("clock_gettime");
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

// A figure in kB out of /proc/PID/FILE, such as the one after "Rss:".
static long figure(pid_t pid, const char *file, const char *name)
{
	char path[64], line[256];
	long value = -1;
	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	FILE *stream = fopen(path, "re");
	if (!stream)
		stop(path);
	while (value < 0 && fgets(line, sizeof(line), stream)) {
		size_t length = strlen(name);
		if (!strncmp(line, name, length))
			value = strtol(line + length, NULL, 10);
	}
	fclose(stream);
	return value;
}

// Whether TEXT has come. At the end of the output it returns false.
static int until(int pipe, const char *text)
{
	while (!*text || !memmem(output, got, text, strlen(text))) {
		ssize_t count = read(pipe, output + got, sizeof(output) - 1 - got);
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return 0;
		got += count;
	}
	return 1;
}

static void child(int out, char **argv)
{
	int nothing = open("/dev/null", O_RDONLY);
	if (nothing < 0)
		stop("/dev/null");
	dup2(nothing, 0);
	dup2(out, 1);
	dup2(out, 2);
	execvp(argv[0], argv);
	_exit(127);
}

int main(int argc, char **argv)
{
	int ends[2], status;
	struct rusage used;
	if (argc < 3 || pipe2(ends, O_CLOEXEC))
		stop("measure TEXT PROGRAM [ARG …]");
	long long start = now(CLOCK_MONOTONIC), wall, cpu;
	pid_t pid = fork();
	if (pid < 0)
		stop("fork");
	if (!pid)
		child(ends[1], argv + 2);
	close(ends[1]);

	int seen = until(ends[0], argv[1]);
	clockid_t clock;
	long rss = 0, anonymous = 0, peak;
	if (seen) {
		wall = now(CLOCK_MONOTONIC) - start;
		if (clock_getcpuclockid(pid, &clock))
			stop("clock_getcpuclockid");
		cpu = now(clock);
		rss = figure(pid, "smaps_rollup", "Rss:");
		anonymous = figure(pid, "smaps_rollup", "Anonymous:");
		peak = figure(pid, "status", "VmHWM:");
		kill(pid, SIGINT);
	}
	if (wait4(pid, &status, 0, &used) < 0)
		stop("wait4");
	if (!seen) {
		wall = now(CLOCK_MONOTONIC) - start;
		cpu = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000000LL +
		      (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1000LL;
		peak = used.ru_maxrss;
	}
	if (*argv[1] ? !seen : status) {
		fprintf(stderr, "measure: %s did not start:\n%s", argv[2], output);
		return 1;
	}
	printf("{\"wall\":%lld,\"cpu\":%lld,\"rss\":%ld,\"anonymous\":%ld,\"peak\":%ld}\n", wall, cpu, rss, anonymous,
	       peak);
	return 0;
}
