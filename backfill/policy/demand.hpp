// What a job asks of each class of nodes: the machine as the scheduler counts it.
//
// A class is counted in units: nodes where they are given whole, else processors. A job that needs more memory for each
// of its processors than a unit has to offer takes more units, so that counts alone decide what fits. Jobs that ask the
// same of every class form a group; archive traces have one or a few.
//
// Licences are classes behind those of the nodes, which give no processors: a job takes what it holds of them beside
// its nodes, and so they are counted, reserved and given back like nodes.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "backfill/model/cluster.hpp"
#include "backfill/model/job.hpp"

namespace wattfill {

struct Take {
  std::int32_t in_class = 0;
  std::int32_t units = 0;
  auto operator<=>(const Take&) const = default;
};

// For `units` of a class: ceil(processors * units_per / processors_per), one of the two being 1.
struct ClassDemand {
  std::int32_t units_per = 1;
  std::int32_t processors_per = 1;  // 0: the job may not use the class
  auto operator<=>(const ClassDemand&) const = default;

  bool allowed() const { return processors_per > 0; }
  std::int64_t units(std::int64_t processors) const {
    if (processors_per == 1) return processors * units_per;
    return (processors + processors_per - 1) / processors_per;
  }
  // As many of these units as whole processors take.
  std::int64_t whole(std::int64_t units) const { return units / units_per * units_per; }
  // The most processors that so many units take.
  std::int64_t processors(std::int64_t units) const {
    return units_per == 1 ? units * processors_per : units / units_per;
  }
};

// A way to run a job: on the nodes of one class, or across several at the speed of the slowest.
struct RunOption {
  std::vector<std::int32_t> classes;  // in the order in which they are filled, from slow to fast
  Speed speed;
};

struct DemandGroup {
  std::vector<ClassDemand> demand;  // by class
  // Classes in the order of the cluster file. A job that no class alone can hold has one option instead: across the
  // fewest classes, fast ones first, that can.
  std::vector<RunOption> options;
  std::vector<Take> licences;  // whichever option

  // The processors that an option's classes hold together; units(c) tells how many units class c can give.
  template <class Units>
  std::int64_t processors(const RunOption& option, Units&& units) const {
    std::int64_t sum = 0;
    for (const std::int32_t c : option.classes) {
      const auto i = static_cast<std::size_t>(c);
      sum += demand[i].processors(std::max<std::int64_t>(0, units(i)));
    }
    return sum;
  }
};

class Demands {
 public:
  struct Class {
    Speed speed;
    std::int64_t units = 0;
    std::int32_t processors_per_unit = 1;
    std::int64_t memory_kb_per_unit = 0;  // 0: not limited
    Milliwatts power{};                   // of a unit at work
    Milliwatts asleep{};                  // of a unit in the deepest sleep state, if there is one
    Millijoules cycle{};                  // into that state and back
    std::int64_t units_of(std::int64_t processors) const {
      return (processors + processors_per_unit - 1) / processors_per_unit;
    }
  };

  // A machine of nothing but processors.
  explicit Demands(std::int64_t processors);
  Demands(const Cluster& cluster, LimitRule limit);

  // One class of processors at the reference speed that every job may use: processors are all there is to count.
  bool plain() const { return plain_; }

  std::size_t classes() const { return classes_.size(); }
  std::size_t node_classes() const { return by_speed_.size(); }  // the others are licences
  const Class& of_class(std::size_t c) const { return classes_[c]; }

  // The group of a job with this fit estimate. No options: it can never run here. O(classes log groups). Not to be
  // asked where all is plain: then there is one group.
  std::int32_t group_of(const Job& job, Seconds fit);
  const DemandGroup& group(std::int32_t index) const { return groups_[static_cast<std::size_t>(index)]; }
  std::size_t groups() const { return groups_.size(); }

 private:
  struct Key {
    std::vector<ClassDemand> demand;
    std::size_t spans = 0;  // 0: one class at a time; else across so many classes, from the fastest on
    std::vector<Take> licences;
    auto operator<=>(const Key&) const = default;
  };
  ClassDemand demand_of(const Job& job, Seconds fit, std::size_t c) const;
  bool access(const Job& job, std::size_t c) const;
  void set_licences(const Job& job);
  std::size_t spans(const Job& job, const std::vector<ClassDemand>& demand) const;
  DemandGroup make_group(const Key& key) const;

  std::vector<Class> classes_;
  std::vector<std::int32_t> by_speed_;  // fastest first
  std::vector<AccessRule> rules_;
  LimitRule limit_ = LimitRule::kScaled;
  bool shares_units_ = true;  // units are processors
  bool plain_ = true;
  Key key_;  // scratch
  std::map<Key, std::int32_t> index_;
  std::vector<DemandGroup> groups_;
};

}  // namespace wattfill
