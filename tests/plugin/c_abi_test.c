/* A host in C: what wattfill.h promises, called as a resource manager would. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/wattfill.h"

static int failures = 0;
#define EXPECT(condition)                                             \
  do {                                                                \
    if (!(condition)) {                                               \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      ++failures;                                                     \
    }                                                                 \
  } while (0)

static const char* const kConfig =
    "policy: \"easy\" cluster_text: \"name: 'four' node_type { name: 'n' count: 4 processors: 2 } "
    "allocation: WHOLE_NODES\"";

static wattfill_job job(int64_t id, int32_t processors, int64_t requested_s, int64_t submit_s) {
  wattfill_job j;
  memset(&j, 0, sizeof j);
  j.size = sizeof j;
  j.id = id;
  j.processors = processors;
  j.requested_s = requested_s;
  j.submit_s = submit_s;
  j.user = 7;
  j.group = j.executable = j.queue = j.partition = WATTFILL_UNKNOWN;
  j.memory_kb_per_processor = WATTFILL_UNKNOWN;
  return j;
}

static wattfill_planner* opened(const char* config, const char* state) {
  char error[512];
  wattfill_planner* planner = NULL;
  if (wattfill_open(config, 0, state, &planner, error, sizeof error) != WATTFILL_OK) {
    fprintf(stderr, "open: %s\n", error);
    exit(1);
  }
  return planner;
}

static size_t scheduled(wattfill_planner* p, int64_t now) {
  wattfill_pass pass = {0};
  pass.size = sizeof pass;
  EXPECT(wattfill_schedule(p, now, 0, &pass) == WATTFILL_OK);
  EXPECT(pass.complete == 1);
  return pass.proposals;
}

static wattfill_proposal next(wattfill_planner* p) {
  wattfill_proposal proposal;
  memset(&proposal, 0, sizeof proposal);
  proposal.size = sizeof proposal;
  EXPECT(wattfill_next_proposal(p, &proposal) == WATTFILL_OK);
  return proposal;
}

static void test_open(void) {
  char error[512] = "";
  char small[8];
  wattfill_planner* p = (wattfill_planner*)&small;
  EXPECT(wattfill_abi_version() == WATTFILL_ABI_VERSION);
  EXPECT(wattfill_open("policy: \"no-such\" processors: 4", 0, NULL, &p, error, sizeof error) == WATTFILL_BAD_CONFIG);
  EXPECT(p == NULL && strstr(error, "no-such") != NULL);
  EXPECT(wattfill_open("polizy: 3", 0, NULL, &p, small, sizeof small) == WATTFILL_BAD_CONFIG);
  EXPECT(strlen(small) == sizeof small - 1);
  EXPECT(wattfill_open("policy: \"easy\"", 0, NULL, &p, NULL, 0) == WATTFILL_BAD_CONFIG);
  EXPECT(wattfill_open(NULL, 0, NULL, &p, error, sizeof error) == WATTFILL_WRONG_CALL);
  EXPECT(wattfill_open(kConfig, 0, "no/such/file", &p, error, sizeof error) == WATTFILL_BAD_FILE);
  EXPECT(wattfill_open("policy: \"easy\" cluster: \"kth-sp2\" cluster_text: \"\"", 0, NULL, &p, error, sizeof error) ==
         WATTFILL_BAD_CONFIG);
  wattfill_close(NULL);
}

static void test_abilities(void) {
  char error[512] = "";
  wattfill_planner* p = NULL;
  const char* shared =
      "policy: \"easy\" cluster_text: \"name: 'c' node_type { name: 'n' count: 4 processors: 2 } allocation: CORES\"";
  EXPECT(wattfill_open(shared, 0, NULL, &p, error, sizeof error) == WATTFILL_BAD_CONFIG);
  EXPECT(strstr(error, "share nodes") != NULL);
  EXPECT(wattfill_open(shared, WATTFILL_HOST_SHARES_NODES, NULL, &p, error, sizeof error) == WATTFILL_OK);
  wattfill_close(p);
  p = opened("policy: \"easy-energy\" cluster: \"hetero-small\"", NULL);
  EXPECT(wattfill_warning(p, 0) != NULL && strstr(wattfill_warning(p, 0), "never sleep") != NULL);
  EXPECT(wattfill_warning(p, 1) == NULL);
  wattfill_close(p);
}

/* Jobs start, wait, are refused, end; wrong calls change nothing. */
static void test_life(void) {
  wattfill_planner* p = opened(kConfig, NULL);
  wattfill_job wide = job(1, 6, 100, 1000), head = job(2, 8, 100, 1000), narrow = job(3, 2, 200, 1000);
  int64_t end = 0, start = 0;
  EXPECT(wattfill_submit(p, &wide, 1000) == WATTFILL_OK);
  EXPECT(wattfill_submit(p, &wide, 1000) == WATTFILL_WRONG_CALL);
  EXPECT(strstr(wattfill_error(p), "known already") != NULL);
  EXPECT(wattfill_submit(p, &head, 1000) == WATTFILL_OK);
  EXPECT(wattfill_submit(p, &narrow, 1000) == WATTFILL_OK);
  wide.size = 4;
  EXPECT(wattfill_submit(p, &wide, 1000) == WATTFILL_WRONG_CALL);
  EXPECT(wattfill_submit(p, NULL, 1000) == WATTFILL_WRONG_CALL);
  EXPECT(wattfill_submit(p, &narrow, 999) == WATTFILL_WRONG_CALL);
  EXPECT(wattfill_end(p, 1, 1000) == WATTFILL_WRONG_CALL);
  EXPECT(wattfill_end(p, 77, 1000) == WATTFILL_WRONG_CALL);

  EXPECT(scheduled(p, 1000) == 1);
  wattfill_proposal a = next(p);
  EXPECT(a.job == 1 && a.nodes.run_count == 1 && a.nodes.runs[0].first == 0 && a.nodes.runs[0].length == 3);
  EXPECT(a.nodes.cores == NULL && a.estimated_end_s == 1100 && a.predicted_s == 100 && a.backfilled == 0);
  wattfill_proposal none;
  none.size = sizeof none;
  EXPECT(wattfill_next_proposal(p, &none) == WATTFILL_NO_MORE);
  EXPECT(wattfill_started(p, 1, NULL, 1000, &end) == WATTFILL_OK && end == 1100);

  /* Refused at this instant: proposed again at a later one. */
  wattfill_pass pass = {0};
  EXPECT(wattfill_schedule(p, 1000, 0, &pass) == WATTFILL_WRONG_CALL);
  EXPECT(scheduled(p, 1000) == 0);
  EXPECT(wattfill_cancel(p, 2, 1001) == WATTFILL_OK);
  EXPECT(scheduled(p, 1001) == 1);
  EXPECT(next(p).job == 3);
  EXPECT(wattfill_refused(p, 3, 9, 1001) == WATTFILL_WRONG_CALL);
  EXPECT(wattfill_refused(p, 3, WATTFILL_NOT_NOW, 1001) == WATTFILL_OK);
  EXPECT(scheduled(p, 1001) == 0);
  EXPECT(scheduled(p, 1002) == 1);
  EXPECT(next(p).job == 3);
  EXPECT(wattfill_refused(p, 3, WATTFILL_HELD, 1002) == WATTFILL_OK);
  EXPECT(scheduled(p, 1010) == 0);
  EXPECT(wattfill_modify(p, &narrow, 1010) == WATTFILL_OK);
  EXPECT(scheduled(p, 1010) == 1);

  /* The host chooses other nodes than those that were proposed, but not such that are taken. */
  const wattfill_node_run taken = {2, 1}, wrong = {3, 9};
  wattfill_nodes nodes = {sizeof nodes, &taken, 1, NULL, 0};
  EXPECT(wattfill_started(p, 3, &nodes, 1010, &end) == WATTFILL_WRONG_CALL);
  nodes.runs = &wrong;
  EXPECT(wattfill_started(p, 3, &nodes, 1010, &end) == WATTFILL_WRONG_CALL);
  EXPECT(wattfill_started(p, 3, NULL, 1010, &end) == WATTFILL_OK && end == 1210);
  wattfill_job last = job(4, 8, 10, 1060);
  EXPECT(wattfill_submit(p, &last, 1060) == WATTFILL_OK);
  EXPECT(wattfill_expected_start(p, 4, 1060, &start) == WATTFILL_OK && start == 1210);
  EXPECT(wattfill_end(p, 1, 1061) == WATTFILL_OK);
  EXPECT(wattfill_overrun(p, 3, 1210, &end) == WATTFILL_OK && end > 1210);
  EXPECT(wattfill_requeue(p, 3, 1211) == WATTFILL_OK);
  EXPECT(wattfill_node_changed(p, 3, 0, 1211) == WATTFILL_OK);
  EXPECT(scheduled(p, 1211) == 1);
  EXPECT(next(p).job == 3);

  wattfill_statistics s = {0};
  s.size = sizeof s;
  EXPECT(wattfill_get_statistics(p, &s) == WATTFILL_OK);
  EXPECT(s.started == 2 && s.refused == 2 && s.queued == 1 && s.log_failures == 0);
  wattfill_close(p);
}

/* A planner that is opened from a state goes on. */
static void test_state(void) {
  const char* file = "c_abi_test.state";
  wattfill_planner* p = opened(kConfig, NULL);
  wattfill_job a = job(1, 4, 100, 5), b = job(2, 8, 100, 6);
  EXPECT(wattfill_submit(p, &a, 5) == WATTFILL_OK);
  EXPECT(scheduled(p, 5) == 1);
  EXPECT(wattfill_started(p, 1, NULL, 5, NULL) == WATTFILL_OK);
  EXPECT(wattfill_submit(p, &b, 6) == WATTFILL_OK);
  EXPECT(scheduled(p, 6) == 0);
  EXPECT(wattfill_node_changed(p, 3, 0, 6) == WATTFILL_OK);
  EXPECT(wattfill_save(p, "no/such/folder/state") == WATTFILL_BAD_FILE);
  EXPECT(wattfill_save(p, file) == WATTFILL_OK);
  wattfill_close(p);

  p = opened(kConfig, file);
  EXPECT(wattfill_submit(p, &b, 7) == WATTFILL_WRONG_CALL);
  EXPECT(wattfill_end(p, 1, 7) == WATTFILL_OK);
  EXPECT(scheduled(p, 7) == 0);
  EXPECT(wattfill_node_changed(p, 3, 1, 8) == WATTFILL_OK);
  EXPECT(scheduled(p, 8) == 1);
  EXPECT(next(p).job == 2);
  wattfill_close(p);
  remove(file);
}

int main(void) {
  test_open();
  test_abilities();
  test_life();
  test_state();
  if (failures == 0) puts("the C ABI does what it promises");
  return failures == 0 ? 0 : 1;
}
