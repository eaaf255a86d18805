// SPDX-License-Identifier: GPL-2.0-or-later
// Slurm's own headers, which are C and not made for C++. The standard headers that they need come before, outside.
#pragma once

#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

// Slurm writes "%s"fmt without a blank, which clang (and so clang-tidy) takes for a literal of C++.
#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wreserved-user-defined-literal"
#endif
extern "C" {
#include <config.h>
#include <slurm/slurm.h>
#include <slurm/slurm_errno.h>
#include <src/common/bitstring.h>
#include <src/common/list.h>
#include <src/common/log.h>
#include <src/common/node_conf.h>
#include <src/common/power.h>
#include <src/common/read_config.h>
#include <src/common/xmalloc.h>
#include <src/common/xstring.h>
#include <src/slurmctld/acct_policy.h>
#include <src/slurmctld/fed_mgr.h>
#include <src/slurmctld/job_scheduler.h>
#include <src/slurmctld/licenses.h>
#include <src/slurmctld/locks.h>
#include <src/slurmctld/node_scheduler.h>
#include <src/slurmctld/reservation.h>
#include <src/slurmctld/slurmctld.h>
#include <src/slurmctld/srun_comm.h>
#include <src/slurmctld/state_save.h>
}
#ifdef __clang__
#pragma clang diagnostic pop
#endif
