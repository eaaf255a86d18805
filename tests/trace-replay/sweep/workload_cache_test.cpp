// Workloads kept in a file: the same again, and made again where the file is not whole.
#include "trace-replay/sweep/workload_cache.hpp"

#include <gtest/gtest.h>

#include "tests/trace-replay/output/folder.hpp"

namespace wattfill::testing {
namespace {

Workload example() {
  Workload w;
  w.name = "some/trace.swf";
  w.header = parse_swf_header({"; UnixStartTime: 843483132", "; Note: a b"});
  w.report = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, true};
  for (int i = 0; i < 3; ++i) {
    TraceJob job;
    job.job.id = 10 + i;
    job.job.submit = SimTime{} + Seconds{100 * i};
    job.job.requested = Seconds{50};
    job.job.processors = 1 + i;
    job.job.user = i;
    job.job.memory_kb_per_processor = 7;
    job.runtime = Seconds{20 + i};
    w.jobs.push_back(job);
    w.links.push_back({i - 1, Seconds{i}, SimTime{} + Seconds{5 * i}});
    w.cancel_at.push_back(i == 1 ? SimTime{} + Seconds{9} : kNever);
  }
  return w;
}

std::vector<std::int64_t> fields(const RecipeReport& report) {
  const auto& [read, kept, cancelled, clipped, no_runtime, no_request, no_processors, wide, cannot, unsorted, rejected,
               clairvoyant] = report;
  return {read,          kept, cancelled, clipped,  no_runtime, no_request,
          no_processors, wide, cannot,    unsorted, rejected,   clairvoyant};
}

void expect_equal(const Workload& a, const Workload& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.header.raw, b.header.raw);
  EXPECT_EQ(b.header.integer("UnixStartTime"), 843483132);
  EXPECT_EQ(fields(a.report), fields(b.report));
  ASSERT_EQ(a.jobs.size(), b.jobs.size());
  ASSERT_EQ(a.links.size(), b.links.size());
  ASSERT_EQ(a.cancel_at, b.cancel_at);
  for (std::size_t i = 0; i < a.jobs.size(); ++i) {
    const Job& x = a.jobs[i].job;
    const Job& y = b.jobs[i].job;
    EXPECT_EQ(std::tie(x.id, x.submit, x.requested, x.processors, x.user, x.memory_kb_per_processor),
              std::tie(y.id, y.submit, y.requested, y.processors, y.user, y.memory_kb_per_processor));
    EXPECT_EQ(a.jobs[i].runtime, b.jobs[i].runtime);
    EXPECT_EQ(std::tie(a.links[i].preceding, a.links[i].think, a.links[i].recorded_start),
              std::tie(b.links[i].preceding, b.links[i].think, b.links[i].recorded_start));
  }
}

TEST(WorkloadCache, ReadsBackWhatItMadeAndMakesItOnce) {
  const Folder files;
  int made = 0;
  const auto make = [&made] { return ++made, example(); };
  expect_equal(example(), cached_workload(files.path("w"), make));
  expect_equal(example(), cached_workload(files.path("w"), make));
  EXPECT_EQ(made, 1);
}

TEST(WorkloadCache, MakesAgainWhatIsNotWholeOrForeign) {
  const Folder files;
  cached_workload(files.path("w"), example);
  const std::string whole = files.read("w");
  std::vector<std::string> broken{"", "x", whole + "x"};
  for (std::size_t length = 0; length < whole.size(); ++length) broken.push_back(whole.substr(0, length));
  std::string other_size = whole;
  other_size[8] = static_cast<char>(other_size[8] + 1);
  broken.push_back(other_size);
  std::string huge_count = whole;
  huge_count[22] = '\x7f';
  broken.push_back(huge_count);
  for (const std::string& text : broken) {
    files.write("w", text);
    int made = 0;
    expect_equal(example(), cached_workload(files.path("w"), [&made] { return ++made, example(); }));
    EXPECT_EQ(made, 1) << text.size();
  }
}

}  // namespace
}  // namespace wattfill::testing
