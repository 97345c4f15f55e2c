/* as UID CAPABILITIES PROGRAM [ARGUMENT …]: runs a program as that user and group, with exactly these capabilities. They
 * are given by their numbers, with commas between them; "" for none. */
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <grp.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {};
	unsigned long long mask = 0;

	if (argc < 4)
		return 125;
	for (char *word = strtok(argv[2], ","); word; word = strtok(NULL, ","))
		mask |= 1ULL << atoi(word);
	for (int i = 0; i < 2; i++)
		data[i].effective = data[i].permitted = data[i].inheritable = (unsigned)(mask >> 32 * i);
	if (prctl(PR_SET_KEEPCAPS, 1) || setgroups(0, NULL) || setgid(atoi(argv[1])) || setuid(atoi(argv[1])) ||
	    syscall(SYS_capset, &header, data)) {
		perror("as");
		return 125;
	}
	for (int cap = 0; cap < 64; cap++)
		if (mask >> cap & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0)) {
			perror("ambient");
			return 125;
		}
	execv(argv[3], argv + 3);
	perror(argv[3]);
	return 126;
}
