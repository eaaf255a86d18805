// Hand-made schedules, each with one planted defect that the judge must find and name.
#include <gtest/gtest.h>

#include <functional>

#include "tests/trace-replay/validate/judging.hpp"
#include "trace-replay/errors.hpp"
#include "trace-replay/validate/schedule_file.hpp"

namespace wattfill::judge {
namespace {

using Check = ValidationCheck;

// Four processors. Under EASY: 1 starts at once, 2 waits for all four until 100, 3 fits beside 1 and ends at 92, before
// the shadow time 100; 4 would hold its processor until 203 and waits for the end of 2.
const std::vector<SmallJob> kJobs = {{0, 3, 100, 100}, {1, 4, 50, 50}, {2, 1, 90, 90}, {3, 1, 200, 200}};
const std::vector<std::int64_t> kEasyStarts = {0, 100, 2, 150};

ValidationReport after(const std::string& policy, const std::function<void(std::vector<ScheduleRow>&)>& plant) {
  const std::vector<TraceEntry> trace = trace_of(kJobs);
  std::vector<ScheduleRow> rows = rows_of(trace, kEasyStarts);
  plant(rows);
  return judged(request_for(4, policy), trace, rows);
}

ValidationReport with_starts(const std::string& policy, const std::vector<SmallJob>& jobs,
                             const std::vector<std::int64_t>& starts) {
  const std::vector<TraceEntry> trace = trace_of(jobs);
  return judged(request_for(4, policy), trace, rows_of(trace, starts));
}

SimTime at(std::int64_t seconds) { return SimTime{Seconds{seconds}}; }

TEST(Bookkeeping, FaithfulScheduleIsClean) {
  const ValidationReport report = after("easy", [](auto&) {});
  expect_only(report, {});
  EXPECT_EQ(report.judged, 4);
  EXPECT_TRUE(report.of(Check::kHeadDelayed).performed);
  EXPECT_FALSE(report.of(Check::kAllocationOverlap).performed);
  EXPECT_FALSE(report.of(Check::kReservationSlipped).performed);
}

TEST(Bookkeeping, MissingJob) {
  const ValidationReport report = after("", [](auto& rows) { rows.erase(rows.begin() + 2); });
  expect_only(report, {{Check::kMissingJob, 1}});
  EXPECT_EQ(report.of(Check::kMissingJob).examples[0].job, 3);
}

TEST(Bookkeeping, JobWithoutStartIsMissing) {
  expect_only(after("", [](auto& rows) { rows[2].start.reset(); }), {{Check::kMissingJob, 1}});
}

TEST(Bookkeeping, MissingJobsMayBeAllowedAndAreCounted) {
  const std::vector<TraceEntry> trace = trace_of(kJobs);
  std::vector<ScheduleRow> rows = rows_of(trace, kEasyStarts);
  rows.erase(rows.begin() + 2);
  ValidationRequest request = request_for(4, "easy");
  request.allow_missing = true;
  const ValidationReport report = judged(request, trace, rows);
  expect_only(report, {});
  EXPECT_EQ(report.allowed_missing, 1);
}

TEST(Bookkeeping, DuplicateJob) {
  const ValidationReport report = after("", [](auto& rows) { rows.push_back(rows[1]); });
  expect_only(report, {{Check::kDuplicateJob, 1}});
  EXPECT_EQ(report.of(Check::kDuplicateJob).examples[0].job, 2);
}

TEST(Bookkeeping, UnknownJob) {
  expect_only(after("",
                    [](auto& rows) {
                      rows.push_back(rows[3]);
                      rows.back().id = 99;
                    }),
              {{Check::kUnknownJob, 1}});
}

TEST(Bookkeeping, WrongSubmission) {
  expect_only(after("", [](auto& rows) { rows[3].submit += Seconds{1}; }), {{Check::kSubmission, 1}});
}

TEST(Bookkeeping, WrongProcessors) {
  expect_only(after("", [](auto& rows) { rows[3].processors = 2; }), {{Check::kProcessors, 1}});
}

TEST(Bookkeeping, WrongRequest) {
  expect_only(after("", [](auto& rows) { rows[3].requested = Seconds{201}; }), {{Check::kRequested, 1}});
  expect_only(after("", [](auto& rows) { rows[3].requested.reset(); }), {{Check::kRequested, 1}});
}

TEST(Bookkeeping, StartBeforeSubmission) {
  const ValidationReport report = after("", [](auto& rows) { rows[2].start = at(1); });
  expect_only(report, {{Check::kStartBeforeSubmission, 1}});
  EXPECT_EQ(report.of(Check::kStartBeforeSubmission).examples[0].job, 3);
}

TEST(Bookkeeping, StartBeforeSubmissionIsFollowedByThePolicy) {
  expect_only(after("easy", [](auto& rows) { rows[2].start = at(1); }), {{Check::kStartBeforeSubmission, 1}});
}

TEST(Bookkeeping, WrongRuntime) {
  expect_only(after("", [](auto& rows) { rows[3].executed = Seconds{199}; }), {{Check::kRuntime, 1}});
}

TEST(Bookkeeping, FinishThatIsNotStartPlusRuntime) {
  expect_only(after("", [](auto& rows) { rows[3].finish = at(351); }), {{Check::kRuntime, 1}});
  expect_only(after("", [](auto& rows) { rows[3].finish = at(350); }), {});
}

TEST(Bookkeeping, RenumberedJobsAreExplainedAndMatchedByOrder) {
  const std::vector<TraceEntry> trace = trace_of(kJobs);
  std::vector<ScheduleRow> rows = rows_of(trace, kEasyStarts);
  for (ScheduleRow& row : rows) row.id += 1000;
  ValidationRequest request = request_for(4, "easy");
  const ValidationReport by_id = judged(request, trace, rows);
  expect_only(by_id, {{Check::kUnknownJob, 4}, {Check::kMissingJob, 4}});
  ASSERT_FALSE(by_id.notes.empty());
  EXPECT_NE(by_id.notes[0].find("--match order"), std::string::npos) << by_id.notes[0];
  request.match = ValidationRequest::Match::kOrder;
  expect_only(judged(request, trace, rows), {});
  rows.erase(rows.begin() + 1);
  expect_only(judged(request_for(4, ""), trace, rows), {{Check::kUnknownJob, 3}, {Check::kMissingJob, 4}});
  request.policy = "";
  expect_only(judged(request, trace, rows), {{Check::kMissingJob, 1}});
}

TEST(Bookkeeping, WaitsFromSubmitIgnoresTheScheduleClock) {
  const std::vector<TraceEntry> trace = trace_of(kJobs);
  std::vector<ScheduleRow> rows = rows_of(trace, kEasyStarts);
  for (ScheduleRow& row : rows) {
    row.submit += Seconds{5000};
    *row.start += Seconds{5000};
  }
  ValidationRequest request = request_for(4, "easy");
  EXPECT_EQ(judged(request, trace, rows).of(Check::kSubmission).violations, 4);
  request.waits_from_submit = true;
  expect_only(judged(request, trace, rows), {});
}

TEST(Bookkeeping, TraceWithOneNumberTwiceNeedsMatchingByOrder) {
  std::vector<TraceEntry> trace = trace_of(kJobs);
  const std::vector<ScheduleRow> rows = rows_of(trace, kEasyStarts);
  trace[1].id = 1;
  EXPECT_THROW(judged(request_for(4, ""), trace, rows), InputError);
}

TEST(Capacity, TooManyProcessors) {
  const ValidationReport report = after("", [](auto& rows) { rows[3].start = at(60); });
  // 3 + 1 + 1 from 60 to 92, and again 4 + 1 when job 2 starts at 100: each start that goes beyond is named.
  expect_only(report, {{Check::kCapacity, 2}});
  EXPECT_EQ(report.of(Check::kCapacity).examples[0].job, 4);
  EXPECT_EQ(report.of(Check::kCapacity).examples[0].instant, at(60));
}

TEST(Capacity, EndAndStartAtOneTimeDoNotOverlap) {
  expect_only(with_starts("", {{0, 4, 10, 10}, {0, 4, 10, 10}}, {0, 10}), {});
  expect_only(with_starts("", {{0, 4, 10, 10}, {0, 4, 10, 10}}, {0, 9}), {{Check::kCapacity, 1}});
}

ValidationReport allocated(const std::vector<std::string>& sets) {
  return after("easy", [&](auto& rows) {
    for (std::size_t i = 0; i < rows.size(); ++i) ASSERT_TRUE(parse_interval_set(sets[i], rows[i].allocation));
  });
}

TEST(Allocation, FaithfulAllocationIsClean) {
  const ValidationReport report = allocated({"0-2", "0-3", "3", "2"});
  expect_only(report, {});
  EXPECT_TRUE(report.of(Check::kAllocationOverlap).performed);
}

TEST(Allocation, ProcessorUsedTwice) {
  const ValidationReport report = allocated({"0-2", "0-3", "2", "2"});
  expect_only(report, {{Check::kAllocationOverlap, 1}});
  EXPECT_EQ(report.of(Check::kAllocationOverlap).examples[0].job, 3);
  EXPECT_NE(report.of(Check::kAllocationOverlap).examples[0].seen.find("held by job 1"), std::string::npos);
}

TEST(Allocation, ProcessorNamedTwiceByOneJob) {
  expect_only(allocated({"0-1 1", "0-3", "3", "2"}), {{Check::kAllocationOverlap, 1}});
}

TEST(Allocation, WrongWidth) {
  expect_only(allocated({"0-1", "0-3", "3", "2"}), {{Check::kAllocationWidth, 1}});
  expect_only(allocated({"0-2", "0-3", "3", ""}), {{Check::kAllocationWidth, 1}});
}

TEST(Allocation, ProcessorOutsideTheMachine) {
  expect_only(allocated({"0-2", "0-3", "4", "2"}), {{Check::kAllocationRange, 1}});
}

TEST(Easy, BackfillThatDelaysTheHead) {
  // At 92 job 3 ends; job 4 takes its processor until 292 by its estimate, but really ends at 95: nobody is late, and
  // yet the estimates did not allow it.
  const std::vector<SmallJob> jobs = {{0, 3, 100, 100}, {1, 4, 50, 50}, {2, 1, 90, 90}, {3, 1, 200, 3}};
  expect_only(with_starts("easy", jobs, {0, 100, 2, 150}), {});
  const ValidationReport report = with_starts("easy", jobs, {0, 100, 2, 92});
  expect_only(report, {{Check::kHeadDelayed, 1}});
  EXPECT_EQ(report.of(Check::kHeadDelayed).examples[0].job, 4);
  EXPECT_EQ(report.of(Check::kHeadDelayed).examples[0].instant, at(92));
  EXPECT_NE(report.of(Check::kHeadDelayed).examples[0].right.find("100 s, the shadow time of head 2"),
            std::string::npos);
}

TEST(Easy, ExtraProcessorsMayBeHeldBeyondTheShadowTime) {
  // Head 2 needs three of four at 100, so one is extra: job 3 may take it for 500 s, job 4 may not.
  const std::vector<SmallJob> jobs = {{0, 2, 100, 100}, {1, 3, 50, 50}, {2, 1, 500, 500}, {3, 1, 500, 500}};
  expect_only(with_starts("easy", jobs, {0, 100, 2, 150}), {});
  expect_only(with_starts("easy", jobs, {0, 502, 2, 3}), {{Check::kHeadDelayed, 1}});
  expect_only(with_starts("easy", jobs, {0, 100, 150, 150}), {{Check::kBackfillMissed, 2}});
}

TEST(Easy, HeadThatCouldStartButWaited) {
  const ValidationReport report = with_starts("easy", kJobs, {0, 110, 2, 160});
  expect_only(report, {{Check::kHeadWaited, 1}});
  EXPECT_EQ(report.of(Check::kHeadWaited).examples[0].job, 2);
  EXPECT_EQ(report.of(Check::kHeadWaited).examples[0].instant, at(100));
}

TEST(Easy, CandidateThatCouldHaveBeenBackfilled) {
  const ValidationReport report = with_starts("easy", kJobs, {0, 100, 5, 150});
  expect_only(report, {{Check::kBackfillMissed, 1}});
  EXPECT_EQ(report.of(Check::kBackfillMissed).examples[0].job, 3);
  EXPECT_EQ(report.of(Check::kBackfillMissed).examples[0].instant, at(2));
}

// Two candidates of one processor for the one that is free at 0; both end by the shadow time.
const std::vector<SmallJob> kTwoCandidates = {{0, 3, 100, 100}, {0, 4, 50, 50}, {0, 1, 60, 60}, {0, 1, 30, 30}};

TEST(Easy, CandidateOutOfTheOrder) {
  expect_only(with_starts("easy", kTwoCandidates, {0, 100, 0, 60}), {});
  const ValidationReport report = with_starts("easy", kTwoCandidates, {0, 100, 30, 0});
  expect_only(report, {{Check::kBackfillOrder, 1}});
  EXPECT_EQ(report.of(Check::kBackfillOrder).examples[0].job, 3);
  EXPECT_NE(report.of(Check::kBackfillOrder).examples[0].seen.find("job 4 was started"), std::string::npos);
}

TEST(EasySjbf, ShortestCandidateFirst) {
  expect_only(with_starts("easy-sjbf", kTwoCandidates, {0, 100, 30, 0}), {});
  const ValidationReport report = with_starts("easy-sjbf", kTwoCandidates, {0, 100, 0, 60});
  expect_only(report, {{Check::kBackfillOrder, 1}});
  EXPECT_EQ(report.of(Check::kBackfillOrder).examples[0].job, 4);
}

TEST(EasySjbf, OrderEstimatesMayDifferFromFitEstimates) {
  // By the request job 4 is the shorter one, in truth job 3 is.
  const std::vector<SmallJob> jobs = {{0, 3, 100, 100}, {0, 4, 50, 50}, {0, 1, 60, 10}, {0, 1, 30, 30}};
  const std::vector<TraceEntry> trace = trace_of(jobs);
  ValidationRequest request = request_for(4, "easy-sjbf");
  request.order_estimates = ValidationRequest::Estimates::kClairvoyant;
  expect_only(judged(request, trace, rows_of(trace, {0, 100, 0, 10})), {});
  expect_only(judged(request, trace, rows_of(trace, {0, 100, 30, 0})), {{Check::kBackfillOrder, 1}});
}

TEST(Easy, StartWithoutRoom) {
  expect_only(with_starts("easy", {{0, 4, 100, 100}, {1, 1, 50, 50}}, {0, 60}),
              {{Check::kNoRoom, 1}, {Check::kCapacity, 1}});
}

TEST(Fcfs, StartAheadOfTheHead) {
  const std::vector<SmallJob> jobs = {{0, 3, 100, 100}, {1, 4, 50, 50}, {2, 1, 10, 10}};
  expect_only(with_starts("fcfs", jobs, {0, 100, 150}), {});
  const ValidationReport report = with_starts("fcfs", jobs, {0, 100, 2});
  expect_only(report, {{Check::kOutOfOrder, 1}});
  EXPECT_EQ(report.of(Check::kOutOfOrder).examples[0].job, 3);
  expect_only(with_starts("fcfs", jobs, {0, 101, 151}), {{Check::kHeadWaited, 1}});
}

// Jobs 2 and 3 are promised 100 and 150; at 40 job 1 ends early, and compression moves them to 40 and 90.
const std::vector<SmallJob> kCompressible = {{0, 3, 100, 40}, {1, 4, 50, 50}, {2, 1, 200, 20}};

TEST(Conservative, CompressedScheduleIsClean) {
  const std::vector<TraceEntry> trace = trace_of(kCompressible);
  ValidationRequest request = request_for(4, "conservative");
  expect_only(judged(request, trace, rows_of(trace, {0, 40, 90})), {});
  request.exact = true;
  expect_only(judged(request, trace, rows_of(trace, {0, 40, 90})), {});
}

TEST(Conservative, KeptPromisesAreEnoughUnlessExact) {
  const std::vector<TraceEntry> trace = trace_of(kCompressible);
  ValidationRequest request = request_for(4, "conservative");
  expect_only(judged(request, trace, rows_of(trace, {0, 100, 150})), {});
  request.exact = true;
  expect_only(judged(request, trace, rows_of(trace, {0, 40, 100})), {{Check::kReservationInexact, 1}});
}

TEST(Conservative, SlippedReservation) {
  const ValidationReport report = with_starts("conservative", kCompressible, {0, 40, 151});
  expect_only(report, {{Check::kReservationSlipped, 1}});
  EXPECT_EQ(report.of(Check::kReservationSlipped).examples[0].job, 3);
  EXPECT_NE(report.of(Check::kReservationSlipped).examples[0].right.find("by 150 s"), std::string::npos);
}

TEST(Conservative, StartOnProcessorsPromisedToAnother) {
  // Job 3 takes the fourth processor at 2 for an estimated 200 s, which was promised to job 2; it ends in time by luck.
  const ValidationReport report = with_starts("conservative", kCompressible, {0, 40, 2});
  expect_only(report, {{Check::kReservationDisplaced, 1}});
  EXPECT_EQ(report.of(Check::kReservationDisplaced).examples[0].job, 3);
}

TEST(OtherPolicies, OnlyPhysicsAndTheReportSaysSo) {
  const ValidationReport report = after("wfp3", [](auto&) {});
  expect_only(report, {});
  EXPECT_EQ(report.passes, 0);
  EXPECT_FALSE(report.of(Check::kHeadWaited).performed);
  EXPECT_NE(validation_text(report).find("no rule for policy \"wfp3\""), std::string::npos);
}

TEST(Requests, ImpossibleOnesAreRefused) {
  EXPECT_THROW(judged(request_for(0, "easy"), {}, {}), UsageError);
  ValidationRequest request = request_for(4, "easy");
  request.exact = true;
  EXPECT_THROW(judged(request, {}, {}), UsageError);
}

TEST(Report, ShowsTheFirstFiveAndCountsAll) {
  std::vector<SmallJob> jobs(12, SmallJob{0, 1, 10, 10});
  const std::vector<TraceEntry> trace = trace_of(jobs);
  std::vector<ScheduleRow> rows = rows_of(trace, std::vector<std::int64_t>(12, 0));
  for (ScheduleRow& row : rows) row.executed = Seconds{9};
  const ValidationReport report = judged(request_for(12, ""), trace, rows);
  EXPECT_EQ(report.of(Check::kRuntime).violations, 12);
  EXPECT_EQ(report.of(Check::kRuntime).examples.size(), 5u);
  EXPECT_NE(validation_text(report).find("NOT CLEAN: 12 violations"), std::string::npos);
}

}  // namespace
}  // namespace wattfill::judge
