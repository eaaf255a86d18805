// trace-replay train and evaluate, as a shell would start them.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "runtime-predictor/features.hpp"
#include "runtime-predictor/predictors.hpp"
#include "tests/trace-replay/cli/program.hpp"

namespace wattfill::testing {
namespace {

using Json = nlohmann::json;

class Prediction : public ::testing::Test {
 protected:
  void SetUp() override { good("generate --jobs 1500 --procs 64 --load 0.9 --seed 12 --quiet --output w.swf"); }
  Ended good(const std::string& line) {
    Ended ended = run_program(files, words(line));
    EXPECT_EQ(ended.status, 0) << line << "\n" << ended.err;
    return ended;
  }
  Folder files;
};

TEST_F(Prediction, EvaluateComparesEveryPredictor) {
  const Json json = Json::parse(good("evaluate w.swf --json").out);
  EXPECT_EQ(json["jobs"], 1500);
  EXPECT_EQ(json["counted_from"], 300);
  std::set<std::string> names;
  for (const Json& p : json["predictors"]) {
    names.insert(p["name"]);
    EXPECT_EQ(p["figures"]["jobs"], 1200);
    EXPECT_GT(p["figures"]["accuracy"], 0);
    EXPECT_LE(p["figures"]["accuracy"], 1);
    EXPECT_EQ(p["learning_curve"].size(), 10U);
    std::int64_t jobs = 0;
    for (const Json& user : p["users"]) jobs += user["jobs"].get<std::int64_t>();
    EXPECT_EQ(jobs, 1200);
  }
  EXPECT_EQ(names.size(), all_predictors().size());
  for (const auto name : all_predictors()) EXPECT_TRUE(names.contains(std::string(name))) << name;
  EXPECT_EQ(json["predictors"][0]["name"], "requested");
  EXPECT_EQ(json["predictors"][0]["figures"]["underestimated"], 0);
  EXPECT_EQ(json["predictors"][0]["figures"]["coverage"], 1);
  EXPECT_EQ(json["feature_importance"].size(), kFeatureCount);
  double shares = 0;
  for (const auto& [name, share] : json["feature_importance"].items()) shares += share.get<double>();
  EXPECT_NEAR(shares, 1, 1e-6);
  EXPECT_EQ(json["online"]["failures"], 0);
  EXPECT_NE(good("evaluate w.swf").out.find("similar-jobs"), std::string::npos);
}

TEST_F(Prediction, TrainWritesAModelThatEvaluateReads) {
  const std::string told = good("train w.swf --output model").out;
  EXPECT_NE(told.find("accuracy"), std::string::npos) << told;
  const Json about = Json::parse(files.read("model/about.json"));
  EXPECT_EQ(about["features"].size(), kFeatureCount);
  EXPECT_EQ(about["sha256"].get<std::string>().size(), 64U);
  EXPECT_EQ(about["metrics"]["held_out_jobs"], 300);
  EXPECT_TRUE(Json::parse(files.read("model/model.json")).contains("learner"));  // XGBoost's own format
  const Json json = Json::parse(good("evaluate w.swf --model model --json").out);
  EXPECT_EQ(json["predictors"].back()["name"], "model");

  good("train w.swf --output again --quiet");
  for (const char* file : {"model.json", "about.json"})
    EXPECT_EQ(files.read(std::string("again/") + file), files.read(std::string("model/") + file)) << file;
}

TEST_F(Prediction, SaysWhatIsWrong) {
  good("train w.swf --output model --quiet");
  files.write("model/model.json", files.read("model/model.json") + " ");
  struct Case {
    const char* line;
    int status;
    const char* message;
  };
  for (const Case& c : {Case{"evaluate w.swf --model model", 3, "its SHA-256 differs"},
                        Case{"evaluate w.swf --model none", 3, "none/about.json: cannot be read"},
                        Case{"evaluate none.swf", 3, "none.swf"}, Case{"train w.swf", 2, "--output"},
                        Case{"train w.swf --output m --coverage 2", 2, "--coverage"}}) {
    const Ended ended = run_program(files, words(c.line));
    EXPECT_EQ(ended.status, c.status) << c.line;
    EXPECT_NE(ended.err.find(c.message), std::string::npos) << ended.err;
  }
}

// A scheduler goes on with a model that is wrong: it says so and orders by the request.
TEST_F(Prediction, ASchedulerFallsBackToTheRequest) {
  good("train w.swf --output model --quiet");
  const std::string run = "run w.swf --procs 64 --policy wattfill --quiet --output ";
  EXPECT_EQ(good(run + "with --model model").err, "");
  const Ended ended = good(run + "without --model none");
  EXPECT_NE(ended.err.find("none/about.json: cannot be read; the estimates xgboost are the request instead"),
            std::string::npos)
      << ended.err;
  good(run + "requested --order-estimates requested-index --fill-estimates requested-expected");
  EXPECT_EQ(files.read("without/jobs.csv"), files.read("requested/jobs.csv"));
  EXPECT_NE(files.read("with/jobs.csv"), files.read("requested/jobs.csv"));
}

// A replay under a learned policy: twice the same bytes, and the learned figures differ from the requested ones.
TEST_F(Prediction, SchedulesAreDeterministic) {
  std::map<std::string, std::string> bytes;
  for (const char* folder : {"one", "two"}) {
    good(std::string("run w.swf --procs 64 --policy wattfill --quiet --output ") + folder);
    bytes[folder] = files.read(std::string(folder) + "/jobs.csv");
  }
  EXPECT_EQ(bytes["one"], bytes["two"]);
  good("run w.swf --procs 64 --policy wattfill --order-estimates requested-index --quiet --output three");
  EXPECT_NE(files.read("three/jobs.csv"), bytes["one"]);
}

}  // namespace
}  // namespace wattfill::testing
