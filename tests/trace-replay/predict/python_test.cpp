// What trace-replay train writes is a model to Python's xgboost too, and the same one.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "runtime-predictor/model_files.hpp"
#include "tests/runtime-predictor/event_stream.hpp"
#include "tests/trace-replay/cli/program.hpp"

namespace wattfill::testing {
namespace {

using Json = nlohmann::json;

constexpr const char* kPython = "/usr/bin/python3";  // Debian's, which has Debian's packages

TEST(Python, OpensTheModelAndPredictsTheSame) {
  if (std::system((std::string(kPython) + " -c 'import numpy, xgboost' 2>/dev/null").c_str()) != 0)
    GTEST_SKIP() << "needs python3-xgboost for " << kPython;
  const Folder files;
  ASSERT_EQ(
      run_program(files, words("generate --jobs 1500 --procs 64 --load 0.9 --seed 3 --quiet --output w.swf")).status,
      0);
  ASSERT_EQ(run_program(files, words("train w.swf --quiet --output model")).status, 0);
  const ModelFiles model = read_model_files(files.path("model"));

  FeatureExtractor features;
  Random random(4);
  Json rows = Json::array();
  std::vector<std::array<float, kOutputs>> expected;
  for (const PastJob& past : history(random, 300)) {
    const FeatureRow row = features.submitted(past.job, past.job.submit);
    features.started(past.job, past.job.submit);
    features.ended(past.job, past.job.submit + past.runtime, past.runtime);
    rows.push_back(Json::array());
    for (const float value : row) rows.back().push_back(std::isnan(value) ? Json() : Json(value));
    expected.push_back(model.model.outputs(row));
  }
  files.write("rows.json", rows.dump());
  const std::string script = std::string(WATTFILL_SOURCE_DIR) + "/tests/trace-replay/predict/open_model.py";
  ASSERT_EQ(std::system(("cd '" + files.path("") + "' && " + kPython + " '" + script +
                         "' model rows.json > told.json 2> errors")
                            .c_str()),
            0)
      << files.read("errors");
  const Json told = Json::parse(files.read("told.json"));
  EXPECT_EQ(told["features"], kFeatureCount);
  EXPECT_EQ(told["rounds"], TrainingOptions().rounds);
  ASSERT_EQ(told["outputs"].size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    for (std::size_t k = 0; k < kOutputs; ++k)
      EXPECT_NEAR(told["outputs"][i][k].get<double>(), expected[i][k], 1e-5) << "row " << i << ", output " << k;
}

}  // namespace
}  // namespace wattfill::testing
