/* SPDX-License-Identifier: MIT */
#include "proto/processors.h"

#include <sched.h>
#include <stdbool.h>
#include <unistd.h>

static int in_affinity_mask(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return CPU_COUNT(&set);
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 1;
}

/* The first line of a file, without its end. */
static bool first_line(char *out, int size, const char *path) {
    FILE *file = fopen(path, "re");
    bool got = file && fgets(out, size, file);
    if (file)
        fclose(file);
    if (got)
        out[strcspn(out, "\n")] = 0;
    return got;
}

static int whole_processors(double quota, double period) {
    return quota > 0 && period > 0 && quota / period < 1e6 ? (int)((quota + period - 1) / period) : 0;
}

/* The quota of one group, or 0. https://docs.kernel.org/admin-guide/cgroup-v2.html (cpu.max: "quota period"
 * or "max period") and scheduler/sched-bwc (version 1: two files, -1 means none).
 */
static int quota_of_group(const char *root, const char *group) {
    char path[4500], text[64], more[64];
    double quota, period;
    snprintf(path, sizeof path, "%s%s/cpu.max", root, group);
    if (first_line(text, sizeof text, path))
        return sscanf(text, "%lf %lf", &quota, &period) == 2 ? whole_processors(quota, period) : 0;
    snprintf(path, sizeof path, "%s%s/cpu.cfs_quota_us", root, group);
    if (!first_line(text, sizeof text, path))
        return 0;
    snprintf(path, sizeof path, "%s%s/cpu.cfs_period_us", root, group);
    if (!first_line(more, sizeof more, path))
        return 0;
    return whole_processors(strtod(text, NULL), strtod(more, NULL));
}

/* The least quota of a group and those above it. */
static int quota_upwards(const char *root, char *group) {
    int least = 0;
    for (;;) {
        int quota = quota_of_group(root, group);
        if (quota > 0 && (least == 0 || quota < least))
            least = quota;
        char *slash = strrchr(group, '/');
        if (!slash)
            return least;
        *slash = 0;
    }
}

/* Lines of /proc/self/cgroup: "0::/path" (version 2) or "4:cpu,cpuacct:/path" (version 1). */
static int in_quota(void) {
    FILE *file = fopen("/proc/self/cgroup", "re");
    char line[4200];
    int least = 0;
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        char *controllers = strchr(line, ':');
        char *group = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!group)
            continue;
        *group++ = 0;
        controllers++;
        bool unified = *controllers == 0, processors = strncmp(controllers, "cpu,", 4) == 0 ||
                                                       strcmp(controllers, "cpu") == 0 ||
                                                       strcmp(controllers, "cpuacct,cpu") == 0;
        if (!unified && !processors)
            continue;
        int quota = quota_upwards(unified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/cpu", group);
        if (quota > 0 && (least == 0 || quota < least))
            least = quota;
    }
    if (file)
        fclose(file);
    return least;
}

int kith_processors_usable(void) {
    int mask = in_affinity_mask(), quota = in_quota();
    return quota > 0 && quota < mask ? quota : mask;
}
