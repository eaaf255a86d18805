#include "runtime-predictor/booster.hpp"

#include <xgboost/c_api.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <utility>

namespace wattfill {
namespace {

void check(int result) {
  if (result != 0) throw BoosterError(XGBGetLastError());
}

// The library prints warnings on standard output otherwise, between the results.
void be_silent() {
  static const bool done = [] {
    XGBSetGlobalConfig(R"({"verbosity": 0})");
    return true;
  }();
  (void)done;
}

struct CloseMatrix {
  void operator()(void* handle) const { XGDMatrixFree(handle); }
};
using Matrix = std::unique_ptr<void, CloseMatrix>;

constexpr const char* kMargins =
    R"({"type": 1, "training": false, "iteration_begin": 0, "iteration_end": 0, "strict_shape": false, )"
    R"("missing": NaN, "cache_id": 0})";

// NumPy's array interface, by which the library reads memory in place.
template <std::size_t N>
const char* array_interface(std::array<char, N>& text, const float* values, std::size_t rows, std::size_t columns) {
  std::snprintf(text.data(), N, R"({"data": [%llu, true], "shape": [%zu, %zu], "typestr": "<f4", "version": 3})",
                static_cast<unsigned long long>(reinterpret_cast<std::uintptr_t>(values)), rows, columns);
  return text.data();
}

Matrix matrix(std::span<const float> values, std::size_t rows, std::size_t columns) {
  std::array<char, 160> text{};
  DMatrixHandle handle = nullptr;
  check(XGDMatrixCreateFromDense(array_interface(text, values.data(), rows, columns),
                                 R"({"missing": NaN, "nthread": 1})", &handle));
  return Matrix(handle);
}

}  // namespace

void Booster::Close::operator()(void* handle) const { XGBoosterFree(handle); }

Booster Booster::train(const BoosterParameters& p, std::span<const float> values, std::size_t rows, std::size_t columns,
                       const Loss& loss, int rounds) {
  be_silent();
  const Matrix data = matrix(values, rows, columns);
  const DMatrixHandle handles[] = {data.get()};
  BoosterHandle handle = nullptr;
  check(XGBoosterCreate(handles, 1, &handle));
  Booster booster(std::unique_ptr<void, Close>(handle), p.outputs);
  const auto set = [&](const char* name, const std::string& value) {
    check(XGBoosterSetParam(handle, name, value.c_str()));
  };
  set("nthread", "1");
  set("tree_method", "hist");
  // The loss is ours; this objective only gives the model its number of outputs.
  set("objective", p.outputs > 1 ? "multi:softprob" : "reg:squarederror");
  if (p.outputs > 1) set("num_class", std::to_string(p.outputs));
  set("base_score", "0");
  set("max_depth", std::to_string(p.depth));
  set("eta", std::to_string(p.learning_rate));
  set("min_child_weight", std::to_string(p.min_child_weight));
  set("lambda", std::to_string(p.l2));
  set("max_bin", std::to_string(p.bins));
  set("colsample_bytree", std::to_string(p.column_share));
  set("subsample", std::to_string(p.row_share));
  set("seed", std::to_string(p.seed));
  std::vector<float> gradient(rows * static_cast<std::size_t>(p.outputs));
  std::vector<float> hessian(gradient.size());
  for (int round = 0; round < rounds; ++round) {
    bst_ulong const* shape = nullptr;
    bst_ulong dimensions = 0;
    const float* margins = nullptr;
    check(XGBoosterPredictFromDMatrix(
        handle, data.get(),
        R"({"type": 1, "training": true, "iteration_begin": 0, "iteration_end": 0, "strict_shape": false})", &shape,
        &dimensions, &margins));
    loss.derive({margins, gradient.size()}, gradient, hessian);
    check(XGBoosterBoostOneIter(handle, data.get(), gradient.data(), hessian.data(), gradient.size()));
  }
  return booster;
}

Booster Booster::load(std::span<const char> buffer, int outputs) {
  be_silent();
  BoosterHandle handle = nullptr;
  check(XGBoosterCreate(nullptr, 0, &handle));
  Booster booster(std::unique_ptr<void, Close>(handle), outputs);
  check(XGBoosterLoadModelFromBuffer(handle, buffer.data(), buffer.size()));
  check(XGBoosterSetParam(handle, "nthread", "1"));
  return booster;
}

std::vector<char> Booster::save(const char* format) const {
  std::array<char, 32> config{};
  std::snprintf(config.data(), config.size(), R"({"format": "%s"})", format);
  bst_ulong length = 0;
  const char* buffer = nullptr;
  check(XGBoosterSaveModelToBuffer(handle_.get(), config.data(), &length, &buffer));
  return {buffer, buffer + length};
}

std::span<const float> Booster::margins(std::span<const float> row) const {
  std::array<char, 160> text{};
  bst_ulong const* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* result = nullptr;
  check(XGBoosterPredictFromDense(handle_.get(), array_interface(text, row.data(), 1, row.size()), kMargins, nullptr,
                                  &shape, &dimensions, &result));
  return {result, dimensions < 2 ? 1 : shape[dimensions - 1]};
}

void Booster::predict(std::span<const float> row, std::span<float> out) const {
  const std::span<const float> all = margins(row);
  std::copy_n(all.begin(), out.size(), out.begin());
}

FlatForest Booster::flat() const {
  bst_ulong count = 0;
  const char** trees = nullptr;
  check(XGBoosterDumpModelEx(handle_.get(), "", 0, "text", &count, &trees));
  return {{trees, static_cast<std::size_t>(count)}, outputs_};
}

std::size_t Booster::columns() const {
  bst_ulong count = 0;
  check(XGBoosterGetNumFeature(handle_.get(), &count));
  return count;
}

int Booster::outputs() const {
  // A row of nothing but missing values has as many margins as the model has outputs.
  const std::vector<float> row(columns(), std::numeric_limits<float>::quiet_NaN());
  return static_cast<int>(margins(row).size());
}

std::vector<double> Booster::importance() const {
  bst_ulong count = 0;
  const char** names = nullptr;
  bst_ulong dimensions = 0;
  bst_ulong const* shape = nullptr;
  const float* scores = nullptr;
  check(XGBoosterFeatureScore(handle_.get(), R"({"importance_type": "total_gain"})", &count, &names, &dimensions,
                              &shape, &scores));
  std::vector<double> gain(columns());
  for (bst_ulong i = 0; i < count; ++i) {
    const auto column = static_cast<std::size_t>(std::strtoul(names[i] + 1, nullptr, 10));  // "f12"
    if (column < gain.size()) gain[column] = scores[i];
  }
  return gain;
}

}  // namespace wattfill
