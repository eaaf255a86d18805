/* Wattfill's scheduler for hosts that are not written in C++: events in, proposals out, the host's answers in.
 *
 * A host (a resource manager's plugin, a simulator) opens a planner with a config, tells it of every event, asks for a
 * pass, carries the proposals out one by one as far as it can and answers each with wattfill_started() or
 * wattfill_refused(). After a refusal it may call wattfill_schedule() at the same instant to have the rest replanned.
 *
 * Deterministic: no clock, no threads of its own but those of a training, no globals; the same calls give the same
 * proposals. Planners are independent; one planner must not be used by two threads at once. Times are whole seconds
 * since an epoch of the host's choice, at least 0, and must not decrease from call to call.
 *
 * No C++ exception, abort or longjmp leaves these functions. Every call returns a status; wattfill_error() tells what
 * was wrong with the last one. Structs begin with their size, so that later versions can add fields at their ends:
 * set it to sizeof the struct. Pointers that the planner hands out hold until its next call.
 */
#ifndef WATTFILL_H
#define WATTFILL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define WATTFILL_API __attribute__((visibility("default")))
#else
#define WATTFILL_API
#endif

/* Raised when a host that was built before would misunderstand. */
#define WATTFILL_ABI_VERSION 1

#define WATTFILL_NEVER INT64_MAX
#define WATTFILL_UNKNOWN (-1)

typedef enum wattfill_status {
  WATTFILL_OK = 0,
  WATTFILL_NO_MORE = 1, /* there is no further proposal or power action */
  WATTFILL_WRONG_CALL =
      2, /* an unknown job, a call that does not fit its state, a time that decreases; nothing changed */
  WATTFILL_BAD_CONFIG = 3, /* the message names the place and what would be right */
  WATTFILL_BAD_FILE = 4,   /* a state or log that cannot be read or written */
  WATTFILL_BROKEN = 5      /* an error of the planner itself; close it */
} wattfill_status;

typedef struct wattfill_planner wattfill_planner;

/* What the host can carry out. A config that asks for more is refused, but for sleep, which is then left out. */
enum {
  WATTFILL_HOST_SLEEPS = 1,      /* nodes can be put to sleep and woken */
  WATTFILL_HOST_FREQUENCIES = 2, /* frequencies can be set; not proposed so far */
  WATTFILL_HOST_SHARES_NODES = 4 /* jobs can share nodes by core */
};

typedef struct wattfill_job {
  size_t size;
  int64_t id; /* of the host's choice; must not be used again while the planner knows a job by it */
  int64_t submit_s;
  int64_t requested_s;                               /* walltime limit, > 0 */
  int32_t processors;                                /* > 0 */
  int32_t user, group, executable, queue, partition; /* numbers >= 0 or WATTFILL_UNKNOWN */
  int64_t memory_kb_per_processor;                   /* or WATTFILL_UNKNOWN */
  int64_t priority;                                  /* higher first; read by the order HOST only */
} wattfill_job;

/* Consecutive nodes, numbered from 0 in the order of the cluster's node types. */
typedef struct wattfill_node_run {
  int32_t first, length;
} wattfill_node_run;

/* The nodes of a job, ascending. Where nodes are shared, `cores` holds for each node a bitmap of words_per_node words,
 * core 0 being the lowest bit of the first; else it is NULL. */
typedef struct wattfill_nodes {
  size_t size;
  const wattfill_node_run* runs;
  size_t run_count;
  const uint64_t* cores;
  size_t words_per_node;
} wattfill_nodes;

/* Start this job now. What it takes counts as taken until the host answers. */
typedef struct wattfill_proposal {
  size_t size;
  int64_t job;
  wattfill_nodes nodes;     /* no runs where processors are only counted */
  int64_t estimated_end_s;  /* report an overrun if it still runs then */
  int64_t predicted_s;      /* its runtime as predicted at its submission, at the reference speed */
  int64_t boot_s;           /* some of its nodes have to wake first; report with wattfill_begun() when it runs */
  int64_t speed_millionths; /* of the slowest node */
  int32_t node_type;        /* of that node */
  int32_t backfilled;       /* 1: ahead of a job that comes before it in the queue */
} wattfill_proposal;

/* Change the power of these nodes, before the proposals are carried out. */
typedef struct wattfill_power_action {
  size_t size;
  wattfill_node_run nodes;
  int32_t wake;        /* 1: wake; 0: fall asleep */
  int32_t sleep_state; /* index into the node type's sleep states */
} wattfill_power_action;

typedef struct wattfill_pass {
  size_t size;
  size_t proposals; /* how many there are to fetch */
  size_t power_actions;
  int64_t next_wakeup_s;    /* call again then though nothing happens; or WATTFILL_NEVER */
  int32_t complete;         /* 0: the budget ended it; call again to go on, at the same instant, or anew */
  int32_t jobs_need_wakeup; /* 0: the wake-up serves nodes only */
} wattfill_pass;

typedef struct wattfill_reservation {
  size_t size;
  int64_t id;
  int64_t start_s, end_s;
  int32_t processors; /* that jobs may not use during [start, end); 0: the reservation is gone */
  int32_t node_type;
} wattfill_reservation;

typedef struct wattfill_statistics {
  size_t size;
  int64_t passes, started, backfilled, refused, candidate_searches, reservations_moved;
  int64_t queued, running; /* now */
  int64_t log_failures;    /* records of the decision log that could not be written */
} wattfill_statistics;

enum {
  WATTFILL_NOT_NOW = 0,
  WATTFILL_HELD = 1
}; /* why a start was refused: asked again later, or not until modified */

WATTFILL_API uint32_t wattfill_abi_version(void);
WATTFILL_API const char* wattfill_version(void); /* "0.1.0" */

/* `config` is protobuf text as in plugin/config.proto; `host` a sum of WATTFILL_HOST_...; `state_file` NULL, or one
 * that wattfill_save() wrote, from which the planner goes on. On an error *planner is NULL and `error`, if it is not
 * NULL, holds the message, cut at error_size bytes. */
WATTFILL_API wattfill_status wattfill_open(const char* config, uint32_t host, const char* state_file,
                                           wattfill_planner** planner, char* error, size_t error_size);
WATTFILL_API void wattfill_close(wattfill_planner* planner); /* NULL is nothing */

WATTFILL_API const char* wattfill_error(const wattfill_planner* planner); /* of the last call that failed; or "" */
/* What the operator should know though the planner works: a model that could not be used, a log that could not be
 * written. NULL: there is no `index`-th. */
WATTFILL_API const char* wattfill_warning(const wattfill_planner* planner, size_t index);

/* Events. `estimated_end_s` may be NULL. */
WATTFILL_API wattfill_status wattfill_submit(wattfill_planner*, const wattfill_job*, int64_t now_s);
WATTFILL_API wattfill_status wattfill_modify(wattfill_planner*, const wattfill_job*, int64_t now_s);
WATTFILL_API wattfill_status wattfill_end(wattfill_planner*, int64_t job, int64_t now_s);
WATTFILL_API wattfill_status wattfill_cancel(wattfill_planner*, int64_t job, int64_t now_s);
WATTFILL_API wattfill_status wattfill_requeue(wattfill_planner*, int64_t job, int64_t now_s);
WATTFILL_API wattfill_status wattfill_overrun(wattfill_planner*, int64_t job, int64_t now_s, int64_t* estimated_end_s);
WATTFILL_API wattfill_status wattfill_begun(wattfill_planner*, int64_t job, int64_t now_s, int64_t* estimated_end_s);
WATTFILL_API wattfill_status wattfill_capacity_changed(wattfill_planner*, int32_t processors, int64_t now_s);
WATTFILL_API wattfill_status wattfill_node_changed(wattfill_planner*, int32_t node, int available, int64_t now_s);
WATTFILL_API wattfill_status wattfill_power_changed(wattfill_planner*, wattfill_node_run nodes, int awake,
                                                    int64_t now_s);
WATTFILL_API wattfill_status wattfill_reservation_changed(wattfill_planner*, const wattfill_reservation*,
                                                          int64_t now_s);

/* Answers. `nodes` NULL: those that were proposed. Also for a job that the host started of its own accord. */
WATTFILL_API wattfill_status wattfill_started(wattfill_planner*, int64_t job, const wattfill_nodes* nodes,
                                              int64_t now_s, int64_t* estimated_end_s);
WATTFILL_API wattfill_status wattfill_refused(wattfill_planner*, int64_t job, int reason, int64_t now_s);

/* Decisions. `budget`: units of work (a job started, a reservation placed, a search), never time; 0: no limit. */
WATTFILL_API wattfill_status wattfill_schedule(wattfill_planner*, int64_t now_s, int64_t budget, wattfill_pass* pass);
WATTFILL_API wattfill_status wattfill_next_power_action(wattfill_planner*, wattfill_power_action* action);
WATTFILL_API wattfill_status wattfill_next_proposal(wattfill_planner*, wattfill_proposal* proposal);
/* When a waiting job is expected to start if running jobs use their whole estimates and nothing more arrives;
 * WATTFILL_NEVER: not as far as can be seen. */
WATTFILL_API wattfill_status wattfill_expected_start(wattfill_planner*, int64_t job, int64_t now_s, int64_t* start_s);
WATTFILL_API wattfill_status wattfill_get_statistics(wattfill_planner*, wattfill_statistics* statistics);

/* Writes the state: the file is whole or as it was before. */
WATTFILL_API wattfill_status wattfill_save(wattfill_planner*, const char* state_file);

#ifdef __cplusplus
}
#endif

#endif
