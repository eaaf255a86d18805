#include "runtime-predictor/model_files.hpp"

#include <array>
#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "runtime-predictor/sha256.hpp"

namespace wattfill {
namespace {

using nlohmann::ordered_json;

constexpr const char* kFormat = "wattfill-runtime-model";
constexpr const char* kModelFile = "model.json";
constexpr const char* kAboutFile = "about.json";
constexpr std::array<const char*, kOutputs> kOutputNames = {"median", "upper", "weight", "share"};

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) throw ModelFileError(path + ": cannot be read");
  return text;
}

ordered_json feature_list() {
  ordered_json list = ordered_json::array();
  for (const FeatureInfo& f : kFeatures) list.push_back({{"name", f.name}, {"unit", f.unit}});
  return list;
}

// A field of the sidecar; says which one is missing or of the wrong type.
template <class T>
T field(const ordered_json& about, const char* name, const std::string& path) {
  try {
    return about.at(name).get<T>();
  } catch (const nlohmann::json::exception&) {
    throw ModelFileError(path + ": field \"" + name + "\" is missing or of another type; train the model anew");
  }
}

ordered_json parse_about(const std::string& path) {
  ordered_json about = ordered_json::parse(read(path), nullptr, false);
  if (about.is_discarded() || !about.is_object())
    throw ModelFileError(path + ": is no JSON object; the file is damaged or truncated");
  if (field<std::string>(about, "format", path) != kFormat)
    throw ModelFileError(path + R"(: field "format" must be ")" + kFormat + "\"");
  const int schema = field<int>(about, "schema", path);
  if (schema > kModelSchema)
    throw ModelFileError(path + ": schema " + std::to_string(schema) + " is newer than this program's " +
                         std::to_string(kModelSchema) + "; use a newer program or train the model anew");
  if (schema < 1) throw ModelFileError(path + ": schema " + std::to_string(schema) + "; must be 1 or more");
  if (field<int>(about, "feature_schema", path) != kFeatureSchema ||
      about.value("features", ordered_json()) != feature_list())
    throw ModelFileError(path + ": was trained on other features than this program computes; train the model anew");
  return about;
}

double finite(double value, const char* name, const std::string& path) {
  if (!std::isfinite(value) || std::fabs(value) > 1e3)
    throw ModelFileError(path + ": field \"" + name + "\" holds a number that cannot be");
  return value;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> model_files_text(const ModelFiles& files) {
  const std::vector<char> booster = files.model.booster.save("json");
  const std::string model(booster.begin(), booster.end());
  const BoosterParameters& p = files.model.options.booster;
  ordered_json about;
  about["format"] = kFormat;
  about["schema"] = kModelSchema;
  about["feature_schema"] = kFeatureSchema;
  about["model_file"] = kModelFile;
  about["sha256"] = sha256_hex(model);
  about["trained_on"] = files.trained_on;
  about["window"] = {{"rows", files.model.rows},
                     {"jobs_seen", files.jobs},
                     {"first_submit", files.first_submit},
                     {"last_end", files.last_end}};
  about["outputs"] = kOutputNames;
  about["base"] = files.model.base;
  about["coverage"] = files.coverage;
  about["upper_shift"] = files.upper_shift;
  about["parameters"] = {{"rounds", files.model.options.rounds},
                         {"asymmetry", files.model.options.asymmetry},
                         {"depth", p.depth},
                         {"learning_rate", p.learning_rate},
                         {"min_child_weight", p.min_child_weight},
                         {"l2", p.l2},
                         {"bins", p.bins},
                         {"column_share", p.column_share},
                         {"row_share", p.row_share},
                         {"seed", p.seed}};
  about["metrics"] = ordered_json::object();
  for (const auto& [name, value] : files.metrics) about["metrics"][name] = value;
  about["features"] = feature_list();
  return {{kModelFile, model}, {kAboutFile, about.dump(2) + "\n"}};
}

ModelFiles read_model_files(const std::string& directory) {
  const std::string path = directory + "/" + kAboutFile;
  const ordered_json about = parse_about(path);
  const std::string model_path = directory + "/" + kModelFile;
  const std::string text = read(model_path);
  if (sha256_hex(text) != field<std::string>(about, "sha256", path))
    throw ModelFileError(model_path +
                         ": is not the file that about.json describes (its SHA-256 differs); it is damaged, "
                         "truncated or another model's");
  const auto load = [&] {
    try {
      Booster booster = Booster::load(text, static_cast<int>(kOutputs));
      if (booster.columns() != kFeatureCount)
        throw ModelFileError(model_path + ": has " + std::to_string(booster.columns()) + " features instead of " +
                             std::to_string(kFeatureCount));
      if (booster.outputs() != static_cast<int>(kOutputs))
        throw ModelFileError(model_path + ": has " + std::to_string(booster.outputs()) + " outputs instead of " +
                             std::to_string(kOutputs));
      return booster;
    } catch (const BoosterError& error) {
      throw ModelFileError(model_path + ": XGBoost does not take it: " + error.what());
    }
  };
  ModelFiles files{RuntimeModel(load())};
  files.model.base = field<std::array<float, kOutputs>>(about, "base", path);
  for (const float base : files.model.base) finite(base, "base", path);
  files.upper_shift = finite(field<double>(about, "upper_shift", path), "upper_shift", path);
  files.coverage = field<double>(about, "coverage", path);
  if (!(files.coverage > 0 && files.coverage < 1))
    throw ModelFileError(path + ": field \"coverage\" must lie between 0 and 1");
  files.trained_on = field<std::string>(about, "trained_on", path);
  const auto window = field<std::map<std::string, std::int64_t>>(about, "window", path);
  const auto of_window = [&window](const char* name) { return window.contains(name) ? window.at(name) : 0; };
  files.model.rows = of_window("rows");
  files.jobs = of_window("jobs_seen");
  files.first_submit = of_window("first_submit");
  files.last_end = of_window("last_end");
  for (const auto& [name, value] : field<std::map<std::string, double>>(about, "metrics", path))
    files.metrics.emplace_back(name, value);
  return files;
}

std::unique_ptr<XgboostPredictor> predictor_from_files(const std::string& directory) {
  ModelFiles files = read_model_files(directory);
  XgboostOptions options;
  options.coverage = files.coverage;
  return std::make_unique<XgboostPredictor>(options, std::move(files.model), files.upper_shift);
}

}  // namespace wattfill
