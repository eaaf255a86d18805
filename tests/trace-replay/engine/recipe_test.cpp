// From a trace to a workload: what is kept, cut and dropped, and what shaking does to it.
#include "trace-replay/workload/recipe.hpp"

#include <gtest/gtest.h>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <numeric>
#include <set>

#include "tests/trace-replay/engine/small_workload.hpp"
#include "trace-replay/errors.hpp"
#include "trace-replay/workload/resample.hpp"

namespace wattfill::testing {
namespace {

struct Line {
  std::int64_t job, submit, wait, run, allocated, requested_processors, requested_s, status = 1, user = 1,
                                                                                     preceding = -1, think = -1;
};

std::string swf(const std::vector<Line>& lines) {
  std::string text;
  for (const Line& l : lines) {
    SwfRecord r;
    r.job = l.job;
    r.submit_s = l.submit;
    r.wait_s = l.wait;
    r.run_s = l.run;
    r.allocated_processors = l.allocated;
    r.requested_processors = l.requested_processors;
    r.requested_s = l.requested_s;
    r.status = l.status;
    r.user = l.user;
    r.preceding_job = l.preceding;
    r.think_s = l.think;
    append_swf_record(text, r);
  }
  return text;
}

RecipeOptions on(std::int32_t processors) {
  RecipeOptions options;
  options.processors = processors;
  return options;
}

std::vector<JobId> ids(const Workload& w) {
  std::vector<JobId> all;
  for (const TraceJob& j : w.jobs) all.push_back(j.job.id);
  return all;
}

TEST(Recipe, CountsEachJobUnderOneCause) {
  const std::string text = swf({{1, 0, -1, 10, 4, 8, 20},     // kept, field 8
                                {2, 1, -1, 10, 4, -1, 20},    // kept, field 5
                                {3, 2, -1, 30, 4, 4, 20},     // cut to the request
                                {4, 3, -1, 0, 4, 4, 20},      // no runtime
                                {5, 4, -1, -1, 4, 4, 20, 5},  // no runtime
                                {6, 5, -1, 10, 4, 4, -1},     // no request
                                {7, 6, -1, 10, 4, 4, 0},      // no request
                                {8, 7, -1, 10, -1, -1, 20},   // no processors
                                {9, 8, -1, 10, 0, 0, 20},     // no processors
                                {10, 9, -1, 10, 4, 17, 20},   // too wide
                                {11, 8, -1, 10, 16, -1, 20},  // kept; submitted before the line above that is kept? no
                                {12, 2, -1, 20, 1, 1, 20}});  // kept, unsorted
  const Workload w = load_text(text, on(16));
  const RecipeReport& r = w.report;
  EXPECT_EQ(r.read, 12);
  EXPECT_EQ(r.kept, 5);
  EXPECT_EQ(r.clipped_runtime, 1);
  EXPECT_EQ(r.dropped_no_runtime, 2);
  EXPECT_EQ(r.dropped_no_request, 2);
  EXPECT_EQ(r.dropped_no_processors, 2);
  EXPECT_EQ(r.dropped_too_wide, 1);
  EXPECT_EQ(r.read,
            r.kept + r.dropped_no_runtime + r.dropped_no_request + r.dropped_no_processors + r.dropped_too_wide);
  EXPECT_EQ(r.unsorted, 1);
  EXPECT_FALSE(r.clairvoyant);
  EXPECT_EQ(ids(w), (std::vector<JobId>{1, 2, 3, 12, 11}));
  EXPECT_EQ(w.jobs[0].job.processors, 8);
  EXPECT_EQ(w.jobs[1].job.processors, 4);
  EXPECT_EQ(w.jobs[2].runtime, Seconds{20});
  const std::string words = describe_recipe(w);
  for (const char* phrase :
       {"12 jobs read, 5 kept", "1 ran longer than requested", "2 dropped: no runtime", "2 dropped: no requested time",
        "2 dropped: no processors", "1 dropped: wider than the machine", "1 submitted earlier than the line above"})
    EXPECT_NE(words.find(phrase), std::string::npos) << phrase << " in\n" << words;
}

TEST(Recipe, ATraceWithoutRequestsIsClairvoyant) {
  const Workload w = load_text(swf({{1, 0, -1, 10, 1, 1, -1}, {2, 1, -1, 20, 1, 1, 0}}), on(1));
  EXPECT_TRUE(w.report.clairvoyant);
  EXPECT_EQ(w.jobs[0].job.requested, Seconds{10});
  EXPECT_EQ(w.jobs[1].job.requested, Seconds{20});
  EXPECT_NE(describe_recipe(w).find("requested = runtime"), std::string::npos);
  // One job with a request is enough for the others to be dropped.
  const Workload mixed = load_text(swf({{1, 0, -1, 10, 1, 1, -1}, {2, 1, -1, 20, 1, 1, 25}}), on(1));
  EXPECT_FALSE(mixed.report.clairvoyant);
  EXPECT_EQ(ids(mixed), (std::vector<JobId>{2}));
  EXPECT_EQ(mixed.report.dropped_no_request, 1);
}

TEST(Recipe, SortsBySubmissionThenNumberWithAllThatBelongsToAJob) {
  RecipeOptions options = on(4);
  options.links = options.cancellations = true;
  const Workload w = load_text(swf({{7, 50, 3, 10, 1, 1, 20, 1, 1, 2, 11},
                                    {9, 20, 0, 10, 2, 2, 20, 1, 1, -1, -1},
                                    {2, 20, 6, -1, 3, 3, 20, 5, 1, 9, 12},
                                    {1, 60, -1, 10, 4, 4, 20, 1, 1, 7, -1}}),
                               options);
  EXPECT_EQ(ids(w), (std::vector<JobId>{2, 9, 7, 1}));
  EXPECT_EQ(w.report.unsorted, 1);
  ASSERT_EQ(w.links.size(), 4U);
  EXPECT_EQ(w.links[0].preceding, 9);
  EXPECT_EQ(w.links[0].think, Seconds{12});
  EXPECT_EQ(w.links[0].recorded_start, at(26));
  EXPECT_EQ(w.links[2].preceding, 2);
  EXPECT_EQ(w.links[2].recorded_start, at(53));
  EXPECT_EQ(w.links[3].recorded_start, at(60));  // wait unknown
  EXPECT_EQ(w.cancel_at, (std::vector<SimTime>{at(26), kNever, kNever, kNever}));
}

TEST(Recipe, KeepsCancelledJobsThatWaitedButNeverStartedOnRequest) {
  const std::string text = swf({{1, 0, 5, 10, 1, 1, 20},
                                {2, 1, 7, -1, -1, 2, 20, 5},   // waited for 7 s, then was cancelled
                                {3, 2, 0, 0, 0, 2, 20, 5},     // cancelled at once
                                {4, 3, -1, -1, -1, 2, 20, 5},  // nobody knows when
                                {5, 4, 7, -1, -1, 2, -1, 5},   // no request: could not wait again
                                {6, 5, 7, -1, -1, 2, 20, 0},   // failed, not cancelled
                                {7, 6, 7, 15, 2, 2, 20, 5}});  // cancelled while it ran: an ordinary job
  EXPECT_EQ(ids(load_text(text, on(4))), (std::vector<JobId>{1, 7}));
  RecipeOptions options = on(4);
  options.cancellations = true;
  const Workload w = load_text(text, options);
  EXPECT_EQ(ids(w), (std::vector<JobId>{1, 2, 3, 7}));
  EXPECT_EQ(w.cancel_at, (std::vector<SimTime>{kNever, at(8), at(2), kNever}));
  EXPECT_EQ(w.report.kept_cancelled, 2);
  EXPECT_EQ(w.report.dropped_no_runtime, 3);
  EXPECT_EQ(w.jobs[1].runtime, Seconds{20});  // had it started, it might have used all of its request
  EXPECT_EQ(w.jobs[1].job.processors, 2);
}

TEST(Recipe, KeepsIdentitiesAndMemoryOnlyWhereTheyAreKnown) {
  SwfRecord r;
  r.job = 1;
  r.submit_s = 0;
  r.run_s = r.requested_s = r.requested_processors = 1;
  r.user = 12;
  r.group = 0;
  r.executable = 2147483647;
  r.used_memory_kb = 5.5;
  std::string text;
  append_swf_record(text, r);
  const Job job = load_text(text, on(1)).jobs.front().job;
  EXPECT_EQ(job.user, 12);
  EXPECT_EQ(job.group, 0);
  EXPECT_EQ(job.executable, 2147483647);
  EXPECT_EQ(job.queue, kUnknown);
  EXPECT_EQ(job.partition, kUnknown);
  EXPECT_EQ(job.memory_kb_per_processor, 5);
}

TEST(Recipe, ATraceOfWhichNothingIsLeftIsAnErrorThatTellsWhy) {
  try {
    load_text(swf({{1, 0, -1, 10, 4, 8, 20}, {2, 0, -1, -1, 4, 8, 20}}), on(4));
    FAIL() << "nothing was thrown";
  } catch (const InputError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("no job is left"), std::string::npos) << text;
    EXPECT_NE(text.find("1 dropped: wider than the machine"), std::string::npos) << text;
    EXPECT_NE(text.find("1 dropped: no runtime"), std::string::npos) << text;
  }
}

TEST(Recipe, LenientReadingCountsWhatItLeavesOut) {
  RecipeOptions options = on(4);
  options.strictness = SwfStrictness::kLenient;
  const Workload w =
      load_text(swf({{1, 0, -1, 10, 1, 1, 20}}) + "2 nonsense\n" + swf({{3, 5, -1, 1, 1, 1, 2}}), options);
  EXPECT_EQ(ids(w), (std::vector<JobId>{1, 3}));
  EXPECT_EQ(w.report.rejected_lines, 1);
  ASSERT_EQ(w.reject_examples.size(), 1U);
  EXPECT_NE(w.reject_examples[0].find("trace:2"), std::string::npos) << w.reject_examples[0];
}

// Two lines with one number: in strict mode an error, in lenient mode the first counts, whatever becomes of it.
TEST(Recipe, AJobNumberStandsInOneLine) {
  const std::vector<Line> increasing{{3, 0, -1, 10, 1, 1, 20}, {7, 5, -1, 11, 1, 1, 20}, {7, 6, -1, 12, 1, 1, 20}};
  const std::vector<Line> mixed{{5, 0, -1, 10, 1, 1, 20}, {9, 5, -1, -1, 1, 1, 20}, {2, 6, -1, 12, 1, 1, 20},
                                {9, 7, -1, 13, 1, 1, 20}, {8, 8, -1, 14, 1, 1, 20}, {8, 9, -1, 15, 1, 1, 20}};
  for (const auto& [lines, place] : {std::pair{increasing, "trace:3: field 1 (job number): 7 is"},
                                     std::pair{mixed, "trace:4: field 1 (job number): 9 is"}}) {
    try {
      load_text(swf(lines), on(4));
      FAIL() << "accepted: " << place;
    } catch (const InputError& error) {
      EXPECT_TRUE(std::string(error.what()).starts_with(place)) << error.what();
    }
  }
  RecipeOptions options = on(4);
  options.strictness = SwfStrictness::kLenient;
  const Workload w = load_text(swf(mixed), options);
  EXPECT_EQ(ids(w), (std::vector<JobId>{5, 2, 8}));
  EXPECT_EQ(w.jobs[2].runtime, Seconds{14});
  EXPECT_EQ(w.report.read, 4);
  EXPECT_EQ(w.report.dropped_no_runtime, 1);
  EXPECT_EQ(w.report.rejected_lines, 2);
  ASSERT_EQ(w.reject_examples.size(), 2U);
  EXPECT_TRUE(w.reject_examples[1].starts_with("trace:6: field 1 (job number): 8 is")) << w.reject_examples[1];
}

TEST(Recipe, NumbersInAnyOrderAreKeptApart) {
  boost::random::mt19937_64 generator(8);
  for (int round = 0; round < 200; ++round) {
    boost::random::uniform_int_distribution<std::int64_t> number(0, 1 + round), kind(0, 2);
    std::vector<Line> lines;
    std::set<JobId> seen, expected;
    std::int64_t repeated = 0;
    for (std::int64_t i = 0; i < 30; ++i) {
      // A beginning that increases, then anything.
      const JobId id = i < round % 30 ? 2 * i : number(generator);
      const bool runs = i == 0 || kind(generator) > 0;
      lines.push_back({id, i, -1, runs ? 10 : -1, 1, 1, 20});
      if (!seen.insert(id).second)
        ++repeated;
      else if (runs)
        expected.insert(id);
    }
    RecipeOptions options = on(4);
    options.strictness = SwfStrictness::kLenient;
    const Workload w = load_text(swf(lines), options);
    const std::vector<JobId> found = ids(w);
    ASSERT_EQ(found.size(), expected.size());
    ASSERT_EQ(std::set<JobId>(found.begin(), found.end()), expected);
    ASSERT_EQ(w.report.rejected_lines, repeated);
  }
}

class Shaken : public ::testing::Test {
 protected:
  Workload recorded = generated_workload(busy_days(3000, 64, 21));
};

TEST_F(Shaken, StaysWithinBoundsReachesThemAndIsSorted) {
  const Workload w = shaken(recorded, Seconds{30}, 5);
  ASSERT_EQ(w.jobs.size(), recorded.jobs.size());
  std::vector<const TraceJob*> by_id(w.jobs.size() + 1);
  for (const TraceJob& j : w.jobs) by_id[static_cast<std::size_t>(j.job.id)] = &j;
  std::array<int, 61> counts{};
  for (const TraceJob& before : recorded.jobs) {
    const TraceJob* after = by_id[static_cast<std::size_t>(before.job.id)];
    ASSERT_NE(after, nullptr);
    const std::int64_t by = (after->job.submit - before.job.submit).count();
    ASSERT_LE(std::abs(by), 30);
    ++counts[static_cast<std::size_t>(by + 30)];
    EXPECT_EQ(after->runtime, before.runtime);
    EXPECT_EQ(after->job.requested, before.job.requested);
    EXPECT_EQ(after->job.processors, before.job.processors);
    EXPECT_EQ(after->job.user, before.job.user);
  }
  // 3000 draws from 61 values: 49 expected of each, standard deviation 7.
  for (const int count : counts) {
    EXPECT_GT(count, 10);
    EXPECT_LT(count, 90);
  }
  EXPECT_TRUE(std::is_sorted(w.jobs.begin(), w.jobs.end(), [](const TraceJob& a, const TraceJob& b) {
    return std::pair(a.job.submit, a.job.id) < std::pair(b.job.submit, b.job.id);
  }));
}

TEST_F(Shaken, DependsOnTheSeedAndOnNothingElse) {
  const auto submissions = [](const Workload& w) {
    std::vector<std::pair<SimTime, JobId>> all;
    for (const TraceJob& j : w.jobs) all.emplace_back(j.job.submit, j.job.id);
    return all;
  };
  EXPECT_EQ(submissions(shaken(recorded, Seconds{30}, 5)), submissions(shaken(recorded, Seconds{30}, 5)));
  EXPECT_NE(submissions(shaken(recorded, Seconds{30}, 5)), submissions(shaken(recorded, Seconds{30}, 6)));
  EXPECT_EQ(submissions(shaken(recorded, Seconds{0}, 5)), submissions(recorded));
}

TEST(ShakenLinks, MoveWithTheirJobs) {
  RecipeOptions options = on(4);
  options.links = options.cancellations = true;
  std::vector<Line> lines;
  for (std::int64_t i = 1; i <= 200; ++i) lines.push_back({i, i, i, i % 2 == 0 ? 10 : -1, 1, 1, 20, 5});
  const Workload before = load_text(swf(lines), options);
  const Workload after = shaken(before, Seconds{100}, 3);
  for (std::size_t i = 0; i < after.jobs.size(); ++i) {
    const JobId id = after.jobs[i].job.id;
    EXPECT_EQ(after.links[i].recorded_start - after.jobs[i].job.submit, Seconds{id});
    if (id % 2 == 0)
      EXPECT_EQ(after.cancel_at[i], kNever);
    else
      EXPECT_EQ(after.cancel_at[i] - after.jobs[i].job.submit, Seconds{id});
  }
}

}  // namespace
}  // namespace wattfill::testing
