// Models as files: there and back, and every way in which they can be wrong.
#include "runtime-predictor/model_files.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "runtime-predictor/xgboost_predictor.hpp"
#include "tests/runtime-predictor/event_stream.hpp"

namespace wattfill::testing {
namespace {

using Texts = std::map<std::string, std::string>;

ModelFiles trained() {
  XgboostPredictor predictor;
  Random random(1);
  predictions(predictor, history(random, 800));
  predictor.train();
  ModelFiles files(predictor.take_model());
  files.upper_shift = 0.25;
  files.coverage = 0.95;
  files.trained_on = "made up";
  files.jobs = 800;
  files.first_submit = 5;
  files.last_end = 500;
  files.metrics = {{"accuracy", 0.75}};
  return files;
}

class ModelDirectory : public ::testing::Test {
 protected:
  ModelDirectory() {
    static int count = 0;
    path_ = std::filesystem::path(::testing::TempDir()) /
            ("wattfill-model-" + std::to_string(::getpid()) + "-" + std::to_string(count++));
    std::filesystem::create_directories(path_);
  }
  ~ModelDirectory() override { std::filesystem::remove_all(path_); }

  void write(const Texts& texts) const {
    for (const auto& [name, text] : texts) std::ofstream(path_ / name, std::ios::binary) << text;
  }
  ModelFiles read() const { return read_model_files(path_.string()); }

  std::filesystem::path path_;
};

Texts texts_of(const ModelFiles& files) {
  Texts texts;
  for (const auto& [name, text] : model_files_text(files)) texts[name] = text;
  return texts;
}

TEST_F(ModelDirectory, ComesBackAsItWas) {
  const ModelFiles files = trained();
  write(texts_of(files));
  const ModelFiles back = read();
  EXPECT_EQ(back.upper_shift, files.upper_shift);
  EXPECT_EQ(back.coverage, files.coverage);
  EXPECT_EQ(back.trained_on, files.trained_on);
  EXPECT_EQ(back.jobs, files.jobs);
  EXPECT_EQ(back.metrics, files.metrics);
  EXPECT_EQ(back.model.rows, files.model.rows);
  EXPECT_EQ(back.model.base, files.model.base);
  FeatureExtractor features;
  Random random(2);
  for (const PastJob& past : history(random, 200)) {
    const FeatureRow row = features.submitted(past.job, past.job.submit);
    EXPECT_EQ(back.model.outputs(row), files.model.outputs(row));
  }
}

TEST_F(ModelDirectory, SaysWhatIsWrong) {
  const Texts good = texts_of(trained());
  const auto changed = [](const char* field, const nlohmann::ordered_json& value) {
    return [field, value](Texts& texts) {
      auto about = nlohmann::ordered_json::parse(texts["about.json"]);
      about[field] = value;
      texts["about.json"] = about.dump();
    };
  };
  const auto without = [](const char* field) {
    return [field](Texts& texts) {
      auto about = nlohmann::ordered_json::parse(texts["about.json"]);
      about.erase(field);
      texts["about.json"] = about.dump();
    };
  };
  struct Case {
    std::function<void(Texts&)> spoil;
    const char* message;
  };
  const std::vector<Case> cases = {
      {[](Texts& t) { t.erase("about.json"); }, "about.json: cannot be read"},
      {[](Texts& t) { t.erase("model.json"); }, "model.json: cannot be read"},
      {[](Texts& t) { t["about.json"].resize(t["about.json"].size() / 2); }, "damaged or truncated"},
      {[](Texts& t) { t["about.json"] = "[1, 2]"; }, "is no JSON object"},
      {[](Texts& t) { t["about.json"].clear(); }, "is no JSON object"},
      {[](Texts& t) { t["model.json"].resize(t["model.json"].size() - 10); }, "its SHA-256 differs"},
      {[](Texts& t) { t["model.json"][t["model.json"].size() / 2] ^= 1; }, "its SHA-256 differs"},
      {changed("format", "tea"), "field \"format\" must be"},
      {changed("schema", kModelSchema + 1), "is newer than this program's"},
      {changed("schema", 0), "must be 1 or more"},
      {changed("schema", "one"), "field \"schema\" is missing or of another type"},
      {changed("feature_schema", kFeatureSchema + 1), "was trained on other features"},
      {changed("features", nlohmann::ordered_json::array()), "was trained on other features"},
      {changed("base", {1, 2}), "field \"base\" is missing or of another type"},
      {changed("base", {1, 2, 3, 1e30}), "holds a number that cannot be"},
      {changed("upper_shift", 1e9), "holds a number that cannot be"},
      {changed("coverage", 1.5), "must lie between 0 and 1"},
      {changed("metrics", 3), "field \"metrics\" is missing or of another type"},
      {without("sha256"), "field \"sha256\" is missing"},
      {without("window"), "field \"window\" is missing"},
      {without("features"), "was trained on other features"},
  };
  for (const Case& c : cases) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
    Texts texts = good;
    c.spoil(texts);
    write(texts);
    try {
      read();
      ADD_FAILURE() << "no error: " << c.message;
    } catch (const ModelFileError& error) {
      EXPECT_NE(std::string(error.what()).find(c.message), std::string::npos) << error.what();
    }
  }
}

// What the digest vouches for must still be a model of ours.
TEST_F(ModelDirectory, RefusesAnotherModelWithARightDigest) {
  class Zero final : public Booster::Loss {
    void derive(std::span<const float> margins, std::span<float> gradient, std::span<float> hessian) const override {
      for (std::size_t i = 0; i < margins.size(); ++i) gradient[i] = margins[i], hessian[i] = 1;
    }
  };
  struct Case {
    int outputs;
    std::size_t columns;
    const char* message;
  };
  for (const Case& c :
       {Case{4, 3, "has 3 features instead of"}, Case{1, kFeatureCount, "has 1 outputs instead of 4"}}) {
    BoosterParameters parameters;
    parameters.outputs = c.outputs;
    const std::vector<float> values(50 * c.columns, 1.0F);
    ModelFiles files(RuntimeModel(Booster::train(parameters, values, 50, c.columns, Zero(), 2)));
    write(texts_of(files));
    try {
      read();
      ADD_FAILURE() << c.message;
    } catch (const ModelFileError& error) {
      EXPECT_NE(std::string(error.what()).find(c.message), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace wattfill::testing
