#include "plugin/rerun.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace wattfill {

Rerun::Rerun(const std::string& file, const std::string& model) : reader_(file) {
  if (!reader_.next(record_) || !record_.has_opened())
    throw LogError(fmt::format("{}: record 1: does not tell how the planner was opened", file));
  opened_ = record_.opened();
  if (!model.empty()) opened_.mutable_config()->set_model(model);
  planner_ = std::make_unique<Planner>(opened_.config(), HostAbilities{opened_.host()}, &opened_.state());
}

void Rerun::differ(std::string logged, std::string now) {
  difference_ = Difference{reader_.path(), reader_.records(), planner_->time(), std::move(logged), std::move(now)};
}

bool Rerun::step() {
  if (difference_ || !reader_.next(record_)) return false;
  switch (record_.what_case()) {
    case plugin::Record::kEvent:
      ++events_;
      try {
        planner_->apply(record_.event());
      } catch (const std::invalid_argument& error) {
        differ(record_.event().ShortDebugString(), error.what());
      }
      break;
    case plugin::Record::kPass: {
      ++passes_;
      proposals_ += record_.pass().proposal_size();
      const protocol::Pass& now = planner_->schedule(record_.pass().time_s(), record_.pass().budget());
      if (now.SerializeAsString() != record_.pass().SerializeAsString())
        differ(record_.pass().ShortDebugString(), now.ShortDebugString());
      break;
    }
    case plugin::Record::kAsked:
      planner_->expected_start(record_.asked().job(), record_.asked().time_s());
      break;
    default:
      throw LogError(fmt::format("{}: record {}: of a later version", reader_.path(), reader_.records()));
  }
  return !difference_;
}

}  // namespace wattfill
