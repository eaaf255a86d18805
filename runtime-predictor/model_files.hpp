// A model as a directory: XGBoost's own file, which Python's xgboost opens, and a sidecar that says what it is.
//
//   model.json   the booster; its margins are the four outputs of runtime_loss.hpp before the base values are added
//   about.json   format, schema, features, outputs, base values, calibration, window, metrics, digest of model.json
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "runtime-predictor/runtime_model.hpp"
#include "runtime-predictor/xgboost_predictor.hpp"

namespace wattfill {

// Raised whenever what the files mean changes.
inline constexpr int kModelSchema = 1;

// The text names the file, what is wrong with it and what would be right.
class ModelFileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct ModelFiles {
  explicit ModelFiles(RuntimeModel trained) : model(std::move(trained)) {}

  RuntimeModel model;
  double upper_shift = 0;  // log2 units, as calibrated at the end of the training
  double coverage = 0.9;
  std::string trained_on;         // a trace's name, for people
  std::int64_t jobs = 0;          // that the training saw in all
  std::int64_t first_submit = 0;  // seconds since the trace's epoch
  std::int64_t last_end = 0;
  std::vector<std::pair<std::string, double>> metrics;  // on jobs that the training had not seen
};

// The two files' contents, by name.
std::vector<std::pair<std::string, std::string>> model_files_text(const ModelFiles& files);

// Throws ModelFileError where a file is absent, truncated, not what its digest says, of a later schema, with other
// features than this program computes, or not understood by XGBoost.
ModelFiles read_model_files(const std::string& directory);

// One that begins with that model and goes on learning. Throws ModelFileError.
std::unique_ptr<XgboostPredictor> predictor_from_files(const std::string& directory);

}  // namespace wattfill
