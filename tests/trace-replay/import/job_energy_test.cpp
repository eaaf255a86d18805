#include "trace-replay/import/job_energy.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "trace-replay/errors.hpp"

namespace wattfill {
namespace {

JobEnergy example() {
  JobEnergy job;
  job.job = 3;
  job.submit = 100;
  job.start = 150;
  job.end = 250;
  job.run_s = 90;
  job.requested_s = 3600;
  job.user = 12;
  job.queue = 1;
  job.processors = 64;
  job.memory_kb = 0.5;
  job.nodes = 4;
  job.node_list = "n[1-3,7]";
  job.use = NodeUse::kShared;
  job.joules = 1234.5;
  job.source = "a \"meter\", of sorts";
  job.domain = "node (IPMI)";
  job.validity = JoulesValidity::kShared;
  return job;
}

TEST(JobEnergy, ReadsBackWhatItWrites) {
  const std::vector<JobEnergy> jobs = {example(), JobEnergy{}};
  EXPECT_EQ(parse_job_energy("x", job_energy_csv(jobs)), jobs);
  EXPECT_EQ(parse_job_energy("x", "# a comment\n\n" + job_energy_csv(jobs)), jobs);
}

TEST(JobEnergy, TellsWhatIsWrongByPlace) {
  const std::string good = job_energy_csv({example()});
  const auto changed = [&good](const std::string& from, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  const std::pair<std::string, const char*> rows[] = {
      {"", "x: is empty"},
      {changed("start_unix", "begin"), "x: there is no column \"start_unix\""},
      {changed("3,100", "three,100"), "x:2: field 1 (job): \"three\""},
      {changed("3,100", "3,-2"), "x:2: field 2 (submit_unix)"},
      {changed("3,100", "3,"), "x:2: field 2 (submit_unix)"},
      {changed("150,250", "150,149"), "in this order"},
      {changed(",12,", ",3000000000,"), "field 7 (user)"},
      {changed("1234.5", "nan"), "field 19 (joules)"},
      {changed("1234.5", "-3"), "field 19 (joules)"},
      {changed(",shared,1234", ",alone,1234"), "one of exclusive, shared, unknown"},
      {changed("IPMI),shared", "IPMI),good"), "field 22 (validity)"},
      {changed("sorts\"", "sorts"), "quotation mark is not closed"},
      {good + "1,2\n", "x:3: has 2 fields, the first line 22"},
  };
  for (const auto& [text, phrase] : rows) {
    try {
      parse_job_energy("x", text);
      ADD_FAILURE() << "no error: " << phrase;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find(phrase), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace wattfill
